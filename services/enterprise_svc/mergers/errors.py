from collections.abc import Mapping

from shared.errors import Problem, pointer

IN_WORDS = {
    "observation": "observations",
    "saving": "savings",
    "participant": "participants",
    "attendance": "attendances",
    "visit": "visits",
    "cycle": "cycles",
    "supply_link": "supply links",
    "nomination": "nominations",
    "consent": "consents",
    "fee": "fees",
}


class FactsNotToldApart(Problem):
    code, status, title = "facts-not-told-apart", 409, "Later facts can't be told apart"
    explanation = (
        "Since the merger something was recorded that may be of either enterprise. `errors` names each kind of it; what was "
        "recorded before the merger is known to be of the one or the other."
    )

    def __init__(self, later: Mapping[str, int]) -> None:
        places = [
            pointer(f"later_{kind}", f"{IN_WORDS[kind]} recorded since the merger: {number}.")
            for kind, number in sorted(later.items())
        ]
        super().__init__(errors=places)


class IdentifiersTaken(Problem):
    code, status, title = "identifiers-taken", 409, "Another enterprise has an identifier by now"
    explanation = "An identifier that the merged enterprise had is another's today. Take it from that one first."


class OtherCountry(Problem):
    code, status, title = "other-country", 409, "They lie in two countries"
    explanation = "Enterprises of two countries are never the same. Where a country is wrong, amend it first."
