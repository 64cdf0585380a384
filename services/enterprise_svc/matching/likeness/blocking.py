"""Which two are worth comparing: those that share a key.

A key is a part of a name at a place, with the numbers of the name: the rules want all three to agree, so that what shares no key
is no duplicate. How much of a name must agree depends on the place (see `decision`), and so does what is looked up:

- where both streets are known and differ, the names must be the same: their consonants are one key;
- where the house numbers or the points on the map agree, letters may differ: parts of the name at the door;
- where one of the two has no street, parts of the name in the town: those with a street and those without are kept apart, and
  who has a street looks among those without.

So a town with a hundred thousand enterprises is a handful to compare, and a million as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from services.enterprise_svc.matching.likeness.decision import ACROSS_STREETS
from services.enterprise_svc.matching.likeness.facts import Facts, Known, facts_of
from services.enterprise_svc.matching.likeness.names import Name
from services.enterprise_svc.matching.likeness.places import Place
from services.enterprise_svc.matching.likeness.scripts import skeleton

END = 5
LONGEST_WORDS = 3
LEAST_WORD = 4
FORGIVING = 1 / (1 - ACROSS_STREETS)  # letters of a name of which one may be wrong even there
CELL_DEGREES = 0.1  # 11 km; twice as far as two points may be apart and still be one place
DOOR_DEGREES = 0.01  # 1 km; more than two points next door are apart, but near the poles


@dataclass(frozen=True)
class Sought:
    """What is known of an enterprise, the keys under which it is found, and those under which its likes are: 64-bit numbers,
    signed.
    """

    facts: Facts
    keys: Sequence[int]
    keys_around: Sequence[int]

    @classmethod
    def of(cls, known: Known) -> Self:
        return cls.by(facts_of(known))

    @classmethod
    def by(cls, facts: Facts) -> Self:
        has_street, parts = facts.place.has_street, [Parts.of(name) for name in facts.names]
        found_under = {*keyed(facts.place, parts, beside=(has_street,), around=False)}
        looked_up = {*keyed(facts.place, parts, beside=(False,) if has_street else (False, True), around=True)}
        hashes = {key: hash_of(f"{facts.country}/{key}") for key in found_under | looked_up}
        return cls(facts, sorted(map(hashes.__getitem__, found_under)), sorted(map(hashes.__getitem__, looked_up)))


def keys_of(facts: Facts) -> Sequence[int]:
    """Under these it is found."""
    return Sought.by(facts).keys


def hash_of(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def keyed(place: Place, names: Iterable["Parts"], beside: Sequence[bool], around: bool) -> Iterator[str]:
    """`beside`: those with a street, and those without. `around`: of a point, also the cells beside its own."""
    areas = [*towns(place), *cells(place, CELL_DEGREES, around)]
    doors = [*numbered(place), *(f"door {cell}" for cell in cells(place, DOOR_DEGREES, around))]
    wholly = [*areas, *doors]
    partly = [*(f"{area} {street}" for area in areas for street in beside), *doors]
    at_streets = [*streets(place)]
    for name in names:
        yield from (f"{where}/{part}" for where in wholly for part in name.same)
        yield from (f"{where}/{part}" for where in partly for part in name.like)
        yield from (f"{street}/{part}" for street in at_streets for part in name.rough)


# --- of a name -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parts:
    """Two names that are the same have one of `same` in common, in whatever order their words are. A wrong letter spoils some of
    `like`, not all. `rough`: the fewest that will do.
    """

    same: Sequence[str]
    like: Sequence[str]
    rough: Sequence[str]

    @classmethod
    def of(cls, name: Name) -> Self:
        numbers, whole = ",".join(name.numbers), name.whole
        bones = f"{numbers}/skeleton {skeleton(whole)}"
        like = [f"{numbers}/{part}" for part in parts_of(whole, name.words)]
        same = [bones, f"{numbers}/sorted {skeleton(name.in_order)}"] if len(name.words) > 1 else [bones]
        forgiving = [f"same {part}" for part in like] if len(whole) >= FORGIVING else []
        return cls([*same, *forgiving], like, [bones, like[0]])


def parts_of(whole: str, words: Iterable[str]) -> Iterator[str]:
    yield f"beginning {whole[:END]}"
    yield f"end {whole[-END:]}"
    long = sorted((word for word in set(words) if len(word) >= LEAST_WORD), key=lambda word: (-len(word), word))
    yield from (f"word {word}" for word in long[:LONGEST_WORDS])


# --- of a place ------------------------------------------------------------------------------------------------


def towns(place: Place) -> Iterator[str]:
    if place.city:
        yield f"city {skeleton(place.city)}"
    if place.postal_code:
        yield f"post {place.postal_code}"


def numbered(place: Place) -> Iterator[str]:
    """How a street is written differs, its numbers seldom do."""
    if place.has_street:
        yield from (f"{town} no. {','.join(sorted(place.street_numbers))}" for town in towns(place))


def streets(place: Place) -> Iterator[str]:
    """A street and its number are a place even where the town is not named; fewer keys of a name are enough there."""
    if place.has_street and place.street_numbers:
        yield f"street {skeleton(''.join(sorted(place.street_words)))} {','.join(sorted(place.street_numbers))}"


def cells(place: Place, degrees: float, around: bool) -> Iterator[str]:
    if not place.point:
        return
    row, column = (round(degree / degrees) for degree in place.point)
    steps = (-1, 0, 1) if around else (0,)
    all_around = round(360 / degrees)
    yield from (f"cell {row + down} {(column + right) % all_around}" for down in steps for right in steps)
