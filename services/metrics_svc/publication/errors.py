from collections.abc import Iterable

from shared import errors

WORDS = {
    "as_of": "Say the last day of a quarter that is over, for instance 2012-12-31.",
    "isic": "Say a division, which has two digits, for instance 14.",
    "buyer_id": "A buyer may ask for its own organisation, and nobody else for any.",
    "enterprise_id": "Only yourself, or an enterprise whose consent covers all of its table.",
    "mean_over": "Means are over improvers.",
}


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
            errors=[
                errors.parameter("not_offered", WORDS.get(name, "Not offered to your role."), name)
                for name in parameters
            ]
        )
