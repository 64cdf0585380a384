"""Whether two enterprises may be one, how sure that is, and why.

Never: both carry an identifier of the same scheme with different values; another country; names that differ in a number.
With an identifier in common: yes. Without: the name must match nearly exactly, and the address or the place too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz.distance import OSA

from services.enterprise_svc.matching.likeness.facts import Facts
from services.enterprise_svc.matching.likeness.names import Name
from services.enterprise_svc.matching.likeness.places import (
    SHORTEST_BONES,
    Agreement,
    Place,
    agreement,
    km_between,
    other_street,
    same_city,
    same_postal_code,
    same_street,
)
from services.enterprise_svc.matching.likeness.scripts import skeleton

# how alike two names must be where the street agrees, where only the place does, and where the streets differ
AT_THE_STREET, IN_THE_PLACE, ACROSS_STREETS = 0.80, 0.88, 0.97
ACROSS_SCRIPTS = 0.90  # all consonants the same, where one script has no vowels to compare
A_TRADE_LESS = 0.02
CONTRADICTING = 0.80  # two official names in the same script that are less alike than this are two names
# what is said of so many companies that leaving it out makes no other company
VAGUE = frozenset(
    "factory mill work manufacturing industry enterprise production product international development technology export "
    "import import_export".split()
)


@dataclass(frozen=True)
class Reason:
    code: str
    detail: str


@dataclass(frozen=True)
class Likeness:
    """`score` from 0 to 1, two places."""

    score: Decimal
    reasons: tuple[Reason, ...]


def possible_duplicate(a: Facts, b: Facts) -> Likeness | None:
    """None where they are two, or where too little speaks for one."""
    if is_another(a, b):
        return None
    if shared := [scheme for scheme, value in a.identifiers.items() if b.identifiers.get(scheme) == value]:
        return by_identifier(a, b, shared)
    return by_name_and_place(a, b)


def is_another(a: Facts, b: Facts) -> bool:
    common = a.identifiers.keys() & b.identifiers.keys()
    return (
        a.country != b.country
        or a.legal.numbers != b.legal.numbers
        or any(a.identifiers[scheme] != b.identifiers[scheme] for scheme in common)
    )


def by_identifier(a: Facts, b: Facts, shared: list[str]) -> Likeness:
    found = [Reason("same_identifier", f"Both have the same {scheme} number.") for scheme in sorted(shared)]
    names = best(a, b)
    where = [*place_reasons(a.place, b.place)]
    score = 0.95 + 0.05 * names.likeness
    return likeness_of(score, [*found, *([names.reason] if names.likeness >= AT_THE_STREET else []), *where])


def by_name_and_place(a: Facts, b: Facts) -> Likeness | None:
    where = agreement(a.place, b.place)
    if where < Agreement.SAME_PLACE or names_contradict(a, b):
        return None
    names = best(a, b, trade_alone=where is Agreement.SAME_STREET)
    if names.likeness < wanted(a.place, b.place, where):
        return None
    nearer = 0.10 if where is Agreement.SAME_STREET else 0.0
    further = 0.05 if other_street(a.place, b.place) else 0.0
    score = 0.88 * names.likeness + nearer - further
    return likeness_of(score, [names.reason, *place_reasons(a.place, b.place)])


def wanted(a: Place, b: Place, where: Agreement) -> float:
    if where is Agreement.SAME_STREET:
        return AT_THE_STREET
    return ACROSS_STREETS if other_street(a, b) else IN_THE_PLACE


def likeness_of(score: float, reasons: list[Reason]) -> Likeness:
    return Likeness(Decimal(f"{min(score, 1.0):.2f}"), tuple(reasons))


# --- names -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """The two names that are most alike."""

    likeness: float
    reason: Reason


def best(a: Facts, b: Facts, trade_alone: bool = True) -> Pair:
    """Of a name under which many trade little follows, unless it is another's official one or `trade_alone`."""
    pairs = [(name_likeness(x, y), code) for code, x, y in pairs_of(a, b, trade_alone)]
    likeness, code = max(pairs, key=lambda pair: pair[0])  # the first of equals: the legal name
    return Pair(
        likeness, Reason(code if likeness < 1 else f"same_{code.partition('_')[2]}", IN_WORDS[code, likeness < 1])
    )


IN_WORDS = {
    ("similar_legal_name", False): "The legal names are the same but for legal form, accents and the order of words.",
    ("similar_legal_name", True): "The legal names differ in a few letters only.",
    ("similar_name", False): "A name of one is a name of the other, but for script, legal form and accents.",
    ("similar_name", True): "A name of one differs from a name of the other in a few letters only.",
}


def pairs_of(a: Facts, b: Facts, trade_alone: bool) -> Iterator[tuple[str, Name, Name]]:
    yield "similar_legal_name", a.legal, b.legal
    for x in a.names:
        for y in b.names:
            if trade_alone or x in a.official or y in b.official:
                yield "similar_name", x, y


def name_likeness(a: Name, b: Name) -> float:
    """From 0 to 1: of what is their own, letter by letter; 0 where a number differs or what they make does."""
    if a.numbers != b.numbers:
        return 0.0
    if a.trades - b.trades - VAGUE and b.trades - a.trades - VAGUE:
        return 0.0
    likeness = max(letters_alike(a.whole, b.whole), letters_alike(a.in_order, b.in_order))
    if a.foreign != b.foreign and len(bones := skeleton(a.whole)) >= SHORTEST_BONES and bones == skeleton(b.whole):
        likeness = max(likeness, ACROSS_SCRIPTS)
    if a.han and b.han:
        likeness = min(likeness, letters_alike(a.characters, b.characters))
    return max(0.0, likeness - A_TRADE_LESS * len(a.trades ^ b.trades))


def letters_alike(a: str, b: str) -> float:
    return float(OSA.normalized_similarity(a, b))


def names_contradict(a: Facts, b: Facts) -> bool:
    """Both have a name in Chinese characters, and these are two: letters alone say less."""
    in_characters = [[name for name in facts.official if name.han] for facts in (a, b)]
    pairs = [(x, y) for x in in_characters[0] for y in in_characters[1]]
    return bool(pairs) and max(name_likeness(x, y) for x, y in pairs) < CONTRADICTING


# --- places ----------------------------------------------------------------------------------------------------


def place_reasons(a: Place, b: Place) -> Iterator[Reason]:
    if same_city(a, b):
        yield Reason("same_city", "They are in the same city.")
    if same_postal_code(a, b):
        yield Reason("same_postal_code", "They have the same postal code.")
    if same_street(a, b):
        yield Reason("same_street", "They are in the same street, with the same number.")
    elif other_street(a, b):
        yield Reason("other_street", "Their streets or house numbers differ.")
    apart = km_between(a, b)
    if apart is not None:
        yield Reason("distance", f"They are {apart:.1f} km apart.")
