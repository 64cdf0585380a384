from collections.abc import Iterable

from shared import errors


class ScopeNotOffered(errors.Problem):
    code, status, title = "scope-not-offered", 403, "This table is not published"
    explanation = (
        "Outside the programme's staff, results are offered for a country, a phase, a partnership, your own organisation as the "
        "buyer, an ISIC division (two digits), or a country with one of the others; `as_of` is the last day of a quarter that is "
        "over; means are over improvers. An enterprise may ask for itself, a buyer for an enterprise whose consent it has."
    )

    def __init__(self, parameters: Iterable[str] = ()) -> None:
        """`parameters`: those that stand in the way."""
        super().__init__(
            errors=[errors.parameter("not_offered", "Not offered to your role.", name) for name in parameters]
        )
