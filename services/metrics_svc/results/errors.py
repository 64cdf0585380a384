from collections.abc import Iterable

from shared import errors


class ExchangeRateMissing(errors.Problem):
    code, status, title = "exchange-rate-missing", 409, "An exchange rate is missing"
    explanation = (
        "Savings of these months can't be told in USD. Record the rates that `errors` names and ask again; "
        "there is no table with a part of the savings."
    )

    def __init__(self, wanted: Iterable[tuple[str, str]]) -> None:
        """`wanted`: (currency, month); they are in the table because of the day it is asked for."""
        super().__init__(
            errors=[
                errors.parameter("exchange_rate_missing", f"There is no rate of {currency} for {month}.", "as_of")
                for currency, month in wanted
            ]
        )
