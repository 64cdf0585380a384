"""What a partner does all day, through the gateway, beside Django REST framework on the same PostgreSQL server."""

import itertools
import json
import time
from typing import Any

from bench import registry
from bench.imports import finished
from bench.load import Asked, Check, ask_all, counts, holds, times
from bench.measure import Goal, Row, Run, Sample, WrongAnswer, at_least, in_turn
from bench.peers.drf import DATABASE, Django, django
from bench.place import Place
from bench.records import as_csv, enterprise
from bench.sizes import FEW_ENTERPRISES

PEER = "Django REST framework, 2 workers"
LIST = "?country=CN&state=active&limit=50"
BULK = 100
BOTH = (
    "id, version, created_at, updated_at, created_by, external_ref, legal_name, country, trade_names, address, isic, "
    "languages, identifiers, workforce, state"
)
numbers = itertools.count(1)


async def measure(place: Place) -> list[Row]:
    known = await fill_ours(place)
    async with django(place) as peer:
        if peer is None:
            place.say("crud: Django REST framework can't be installed here")
            return []
        await copy_to(place)
        bench = Crud(place, peer, str(known.some_id))
        return [row for kind in KINDS for row in await bench.compare(*kind)]


async def fill_ours(place: Place) -> registry.Registry:
    place.say(f"crud: {FEW_ENTERPRISES} enterprises in both")
    ours = await place.connect("score_enterprise")
    try:
        filled = await registry.fill(ours, FEW_ENTERPRISES)
        await registry.make_findable(ours)  # what is made is looked for among them
        return filled
    finally:
        await ours.close()


async def copy_to(place: Place) -> None:
    """The very same rows, for Django."""
    ours, theirs = await place.connect("score_enterprise"), await place.connect(DATABASE)
    try:
        rows = [tuple(row) for row in await ours.fetch(f"select {BOTH} from enterprises")]
        await theirs.copy_records_to_table("enterprises", records=rows, columns=BOTH.split(", "))
        await theirs.execute("vacuum analyze")
    finally:
        await ours.close()
        await theirs.close()


class Crud:
    def __init__(self, place: Place, peer: Django, id: str) -> None:
        self.place, self.peer, self.id = place, peer, id
        self.headers: dict[str, str] = {}

    async def compare(self, name: str, goal: Goal) -> list[Row]:
        self.headers = self.place.headers() | JSON
        reference, candidate = (getattr(self, f"{whose}_{name}")() for whose in ("their", "our"))
        pairs = await in_turn(name, reference, candidate, self.place.size.pairs, self.place.say)
        words = name.replace("_", " ")
        return [Row(f"{words}, through the gateway", PEER, goal, pairs.ratios("rate"))]

    # --- reading ---

    def our_get_by_id(self) -> Run:
        return self._asking(self._our("GET", f"/{self.id}"), holds(self.id.encode()))

    def their_get_by_id(self) -> Run:
        return self._asking(self._their("GET", f"/{self.id}"), holds(self.id.encode()))

    def our_list_with_filters(self) -> Run:
        return self._asking(self._our("GET", LIST), counts(b'"legal_name"', 50), part=0.25)

    def their_list_with_filters(self) -> Run:
        return self._asking(self._their("GET", LIST), counts(b'"legal_name"', 50), part=0.25)

    # --- writing ---

    def our_create(self) -> Run:
        return self._sending(self._our, self._asked_for())

    def their_create(self) -> Run:
        return self._sending(self._their, self._asked_for())

    def our_import_of_100_rows(self) -> Run:
        async def run() -> Sample:
            file = as_csv([enterprise(next(numbers)) for _ in range(BULK)])
            async with self.place.api() as api:
                began = time.monotonic()
                job = await finished(api, "/v1/enterprises", file, every=0.01)
                seconds = time.monotonic() - began
            if job["summary"]["created"] != BULK:
                raise WrongAnswer(f"{job['summary']} instead of {BULK} created")
            return {"rate": 1 / seconds}

        return run

    def their_import_of_100_rows(self) -> Run:
        async def run() -> Sample:
            body = json.dumps([enterprise(next(numbers)) for _ in range(BULK)]).encode()
            return (await ask_all(self.peer.url, [self._their("POST", "/bulk", body)], holds(b'"created":100'))).sample

        return run

    # --- requests ---

    def _asked_for(self) -> int:
        return self.place.size.requests // 2

    def _asking(self, asked: Asked, check: Check, part: float = 1.0) -> Run:
        url = self.place.url if asked.content.find(b"/v1/") > 0 else self.peer.url

        async def run() -> Sample:
            return (await ask_all(url, times(asked, int(self.place.size.requests * part)), check)).sample

        return run

    def _sending(self, made: Any, count: int) -> Run:
        url = self.place.url if made == self._our else self.peer.url

        async def run() -> Sample:
            sent = (made("POST", "", json.dumps(enterprise(next(numbers))).encode()) for _ in range(count))
            return (await ask_all(url, sent, holds(b'"legal_name"'))).sample

        return run

    def _our(self, method: str, rest: str, body: bytes = b"") -> Asked:
        return Asked.of(method, f"/v1/enterprises{rest}", self.headers, body)

    def _their(self, method: str, rest: str, body: bytes = b"") -> Asked:
        return Asked.of(method, f"/enterprises{rest}", self.peer.headers | JSON, body)


JSON = {"Content-Type": "application/json"}
KINDS = (
    ("get_by_id", at_least(4)),
    ("list_with_filters", at_least(2.5)),
    ("create", at_least(5)),
    ("import_of_100_rows", at_least(20)),
)
