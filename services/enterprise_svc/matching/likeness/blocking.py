"""Which two are worth comparing: those that share a key.

A key is a part of a name at a place, with the numbers of the name: the rules want all three to agree, so that what shares no key
is no duplicate, and a million enterprises are a handful to compare. A wrong letter spoils some of the keys of a name, not all.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from services.enterprise_svc.matching.likeness.facts import Facts, Known, facts_of
from services.enterprise_svc.matching.likeness.names import Name
from services.enterprise_svc.matching.likeness.places import Place
from services.enterprise_svc.matching.likeness.scripts import skeleton

END = 5
LONGEST_WORDS = 3
LEAST_WORD = 4
CELL_DEGREES = 0.1  # 11 km; twice as far as two points may be apart and still be one place


@dataclass(frozen=True)
class Sought:
    """What is known of an enterprise, the keys under which it is found, and those under which its likes are."""

    facts: Facts
    keys: Sequence[int]
    keys_around: Sequence[int]

    @classmethod
    def of(cls, known: Known) -> Self:
        facts = facts_of(known)
        keys = keys_of(facts)
        return cls(facts, keys, keys_to_look_up(facts) if facts.place.point else keys)


def keys_of(facts: Facts) -> list[int]:
    """Under these it is found: 64-bit numbers, signed."""
    return keyed(facts, place_words(facts.place, around=False))


def keys_to_look_up(facts: Facts) -> list[int]:
    """Under these its likes are found: those of the cells around its own, too."""
    return keyed(facts, place_words(facts.place, around=True))


def keyed(facts: Facts, places: Iterable[str]) -> list[int]:
    parts = [f"{','.join(name.numbers)}/{part}" for name in facts.names for part in parts_of(name)]
    rough = [f"{','.join(name.numbers)}/{part}" for name in facts.names for part in rough_parts_of(name)]
    keys = [f"{place}/{part}" for place in places for part in parts]
    keys += [f"{street}/{part}" for street in streets(facts.place) for part in rough]
    return sorted({hashed(f"{facts.country}/{key}") for key in keys})


def hashed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def parts_of(name: Name) -> Iterator[str]:
    yield from rough_parts_of(name)
    yield f"end {name.whole[-END:]}"
    long = sorted((word for word in set(name.words) if len(word) >= LEAST_WORD), key=lambda word: (-len(word), word))
    yield from (f"word {word}" for word in long[:LONGEST_WORDS])


def rough_parts_of(name: Name) -> Iterator[str]:
    yield f"skeleton {skeleton(name.whole)}"
    yield f"beginning {name.whole[:END]}"


def place_words(place: Place, around: bool) -> Iterator[str]:
    if place.city:
        yield f"city {skeleton(place.city)}"
    if place.postal_code:
        yield f"post {place.postal_code}"
    if place.point:
        yield from cells(*place.point, around=around)


def streets(place: Place) -> Iterator[str]:
    """A street and its number are a place even where the town is not named; fewer keys of a name are enough there."""
    if place.has_street and place.street_numbers:
        yield f"street {skeleton(''.join(sorted(place.street_words)))} {','.join(sorted(place.street_numbers))}"


def cells(latitude: float, longitude: float, *, around: bool) -> Iterator[str]:
    row, column = round(latitude / CELL_DEGREES), round(longitude / CELL_DEGREES)
    steps = (-1, 0, 1) if around else (0,)
    all_around = round(360 / CELL_DEGREES)
    yield from (f"cell {row + down} {(column + right) % all_around}" for down in steps for right in steps)
