"""The public FEBRL sets (invented persons) by the same means: letters compared, keys of consonants, what must agree.

What is tried is the machinery (`letters_alike`, `skeleton`, several keys at once, a decision without training), not the rules
of enterprises: persons have no legal form, no trade and no numbers in their names. The weights of the fields are of this file.
"""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from services.enterprise_svc.matching.likeness.decision import letters_alike
from services.enterprise_svc.matching.likeness.scripts import skeleton
from tests.matching.scores import Score

FILES = Path(__file__).parent / "febrl"
Person = Mapping[str, str]
WEIGHTS = {
    "given_name": 2.0,
    "surname": 2.0,
    "date_of_birth": 3.0,
    "soc_sec_id": 4.0,
    "address_1": 1.5,
    "suburb": 1.0,
    "postcode": 1.0,
    "street_number": 0.5,
}
SAME = 0.60


def persons(name: str) -> list[Person]:
    text = gzip.decompress((FILES / f"{name}.csv.gz").read_bytes()).decode()
    return [
        {(name or "").strip(): (value or "").strip() for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(text))
    ]


def number_of(person: Person) -> str:
    """The same for the same person: `rec-12-org` and `rec-12-dup-0`."""
    return person["rec_id"].split("-")[1]


def keys_of(person: Person) -> Iterator[str]:
    names = {skeleton(person["given_name"]), skeleton(person["surname"])} - {""}
    for name in names:
        yield from (f"{name} {person[field]}" for field in ("postcode", "suburb") if person[field])
        yield f"{name} {person['date_of_birth'][:4]}" if person["date_of_birth"] else name
    yield from (f"{field} {person[field]}" for field in ("soc_sec_id", "date_of_birth", "address_1") if person[field])
    yield " ".join(sorted(names))


def likeness(a: Person, b: Person) -> float:
    """Of the fields both have; the two names may have changed places."""
    crossed = (
        swapped(a)
        if letters_alike(a["given_name"], b["surname"]) > letters_alike(a["given_name"], b["given_name"])
        else a
    )
    known = [field for field in WEIGHTS if crossed[field] and b[field]]
    whole = sum(WEIGHTS[field] for field in known)
    return sum(WEIGHTS[field] * letters_alike(crossed[field], b[field]) for field in known) / whole if whole else 0.0


def swapped(person: Person) -> Person:
    return {**person, "given_name": person["surname"], "surname": person["given_name"]}


def found_among(people: Sequence[Person]) -> set[tuple[str, str]]:
    blocks: dict[str, list[int]] = {}
    for n, person in enumerate(people):
        for key in set(keys_of(person)):
            blocks.setdefault(key, []).append(n)
    pairs = {pair for block in blocks.values() for pair in combinations(block, 2)}
    called = [(people[n], people[m]) for n, m in pairs if likeness(people[n], people[m]) >= SAME]
    return {ordered(a, b) for a, b in called}


def ordered(a: Person, b: Person) -> tuple[str, str]:
    first, second = sorted((a["rec_id"], b["rec_id"]))
    return first, second


def truly_same(people: Sequence[Person]) -> set[tuple[str, str]]:
    by_number: dict[str, list[Person]] = {}
    for person in people:
        by_number.setdefault(number_of(person), []).append(person)
    return {ordered(a, b) for same in by_number.values() for a, b in combinations(same, 2)}


def febrl(*names: str) -> Score:
    """`febrl("dataset1")`: 500 persons, each twice. `febrl("dataset4a", "dataset4b")`: 5,000 and the same 5,000 again."""
    people = [person for name in names for person in persons(name)]
    called, true = found_among(people), truly_same(people)
    return Score(len(called & true), len(called - true), len(true - called))
