"""Likely duplicates and searches by name among many enterprises, and how good the matching is.

A search is for parts of a name that is there; what finds nothing, or not the one that was meant, is a wrong answer.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bench import registries, registry
from bench.load import Asked, Check, ask_all, counts, holds, times
from bench.measure import Row, Run, Sample, at_most, in_turn
from bench.place import Place
from bench.sizes import FEW_ENTERPRISES
from tests.matching.persons import febrl
from tests.matching.scores import Score
from tests.matching.scores import registry as of_enterprises

JSON = {"Content-Type": "application/json"}
ONE_AT_A_TIME = 1  # two processes at once would share what is compared
SOME = """
select legal_name, country, address, local_name from enterprises where state not in ('withdrawn', 'closed')
order by local_name is null and $2, hashtext(legal_name) limit $1
"""


@dataclass(frozen=True)
class Known:
    """One that is registered already."""

    name: str
    country: str
    address: dict[str, str]
    local_name: str

    @property
    def again(self) -> bytes:
        """As somebody else would register it: with a legal form, in capitals."""
        body = {"legal_name": f"{self.name} Co., Ltd.".upper(), "country": self.country, "address": self.address}
        return json.dumps(body).encode()


async def measure(place: Place) -> list[Row]:
    async with registries.both(place) as (small, large):
        among = [await some_of(place, name) for name in (registries.SMALL, registries.LARGE)]
        [chinese] = await some_of(place, registries.LARGE, 1, local=True)
        headers = place.headers()
        rows = await duplicates(place, headers, (small, large), among)
        rows += [await search(place, headers, large, question) for question in questions(chinese)]
    return rows + quality()


async def some_of(place: Place, name: str, count: int | None = None, local: bool = False) -> list[Known]:
    """From everywhere in the registry, which is made ready to be searched; the same ones each time."""
    database = await place.connect(name)
    try:
        place.say(f"match: the keys of {name} are written")
        await registry.make_findable(database)
        found = await database.fetch(SOME, count or place.size.requests // 8, local)
    finally:
        await database.close()
    return [Known(name, country, json.loads(address), own or "") for name, country, address, own in found]


# --- likely duplicates -------------------------------------------------------------------------------------------------


async def duplicates(
    place: Place, headers: dict[str, str], urls: Sequence[str], among: Sequence[Sequence[Known]]
) -> list[Row]:
    def at(url: str, known: Sequence[Known]) -> Run:
        async def run() -> Sample:
            asked = (Asked.of("POST", "/v1/enterprises/match", headers | JSON, one.again) for one in known)
            return (await ask_all(url, asked, holds(b'"score"'), ONE_AT_A_TIME)).sample

        return run

    pairs = await in_turn("match", at(urls[0], among[0]), at(urls[1], among[1]), place.size.pairs, place.say)
    what = f"likely duplicates among {place.size.enterprises:,}"
    p95 = [seconds * 1000 for seconds in pairs.candidates("p95")]
    return [
        Row(f"{what}, p50", f"{FEW_ENTERPRISES:,} enterprises", at_most(3), pairs.ratios("p50")),
        Row(f"{what}, p95", "", at_most(100), p95, unit="ms"),
    ]


# --- searches ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    kind: str
    q: str
    check: Check


def questions(known: Known) -> Iterator[Question]:
    """For that enterprise, which has a Chinese name as well."""
    first, second, trade = known.name.lower().split()
    meant = holds(f'"legal_name":"{known.name}"'.encode())
    yield Question("a fragment", first[2:7], holds(first[2:7].encode()))
    yield Question("a fragment in Chinese", known.local_name[1:3], holds(known.local_name[1:3].encode()))
    yield Question("a typing error", f"{first[:4]}{first[5]}{first[4]}{first[6:]} {second}", meant)
    yield Question(
        "a Chinese name in Latin letters", f"{''.join(map(registry.reading_of, known.local_name))} {second}", meant
    )
    yield Question("a common word", trade, counts(b'"legal_name"', 50))
    yield Question("two words", f"{first} {trade}", meant)


async def search(place: Place, headers: dict[str, str], url: str, question: Question) -> Row:
    asked = Asked.of("GET", f"/v1/enterprises?limit=50&q={quote(question.q)}", headers)
    requests = max(3, place.size.requests // 40)
    samples = []
    for n in range(place.size.pairs + 1):  # the first to get warm
        load = await ask_all(url, times(asked, requests), question.check, ONE_AT_A_TIME)
        if n:
            samples.append(load)
    place.say(f"search: {question.kind}")
    p95 = [load.sample["p95"] * 1000 for load in samples]
    each = sorted(seconds * 1000 for load in samples for seconds in load.each)
    note = f"p50 {each[len(each) // 2]:.0f} ms, longest {each[-1]:.0f} ms"
    return Row(
        f"search among {place.size.enterprises:,}: {question.kind}, p95", "", at_most(100), p95, unit="ms", note=note
    )


# --- how good it is ----------------------------------------------------------------------------------------------------


def quality() -> list[Row]:
    """Of the decision, whatever it takes; the tests hold it to bounds."""
    return [
        scored("matching: labelled pairs of enterprises, F1", of_enterprises()),
        scored("matching: FEBRL dataset1, F1", febrl("dataset1")),
    ]


def scored(what: str, score: Score) -> Row:
    return Row(what, "", None, [score.f1], note=f"precision {score.precision:.3f}, recall {score.recall:.3f}")
