"""A page of a large registry beside the same page of a small one, for everybody who may ask for it.

The small registry is large enough that each page is a full one, and everything else is equal: what is told is what size costs.
"""

from dataclasses import dataclass
from typing import Any

from bench import registries, registry
from bench.load import Asked, ask_all, counts, times
from bench.measure import Row, Run, Sample, at_most, in_turn
from bench.place import Place
from bench.sizes import FEW_ENTERPRISES

PAGE = 50


@dataclass(frozen=True)
class Page:
    """`role` asks for the list with `filters`."""

    what: str
    filters: str = ""
    role: str = "programme_admin"


PAGES = (
    Page("no filter"),
    Page("newest first", "&sort=-updated_at"),
    Page("country", "&country=CN"),
    Page("country, newest first", "&country=CN&sort=-updated_at"),
    Page("state and country", "&state=active&country=IN"),
    Page("division of activity", "&isic=14"),
    Page("buyer", f"&buyer_id={registry.OF_INTEREST}"),
    Page("partnership", f"&partnership_id={registry.PARTNERSHIP}"),
    Page("coordinator: no filter", "", "coordinator"),
    Page("coordinator: state, newest first", "&state=active&sort=-updated_at", "coordinator"),
    Page("provider: no filter", "", "provider"),
    Page("buyer: no filter", "", "buyer"),
)
BOUND: dict[str, dict[str, Any]] = {
    "coordinator": {"countries": ["IN"]},
    "provider": {"organisation_id": str(registry.OF_INTEREST)},
    "buyer": {"organisation_id": str(registry.OF_INTEREST)},
}


async def measure(place: Place) -> list[Row]:
    async with registries.both(place) as addresses:
        clients = await make_clients(place)
        return [await compare(place, page, clients, *addresses) for page in PAGES]


async def make_clients(place: Place) -> dict[str, Any]:
    """The organisation that they belong to is in the running system, too: nobody may be bound to what is not there."""
    ours = await place.connect("score_enterprise")
    try:
        await ours.execute(f"{registry.ORGANISATION} on conflict do nothing", registry.OF_INTEREST)
    finally:
        await ours.close()
    made: dict[str, Any] = {"programme_admin": None}
    async with place.api() as api:
        for role, bound in BOUND.items():
            answer = await api.post("/v1/clients", json={"name": f"Bench's {role}", "role": role, **bound})
            answer.raise_for_status()
            made[role] = answer.json()
    return made


async def compare(place: Place, page: Page, clients: dict[str, Any], small: str, large: str) -> Row:
    headers = place.headers(clients[page.role])
    asked = Asked.of("GET", f"/v1/enterprises?limit={PAGE}{page.filters}", headers)

    def at(url: str) -> Run:
        async def run() -> Sample:
            requests = times(asked, place.size.requests // 8)
            # one at a time: two processes at once would share what is compared
            return (await ask_all(url, requests, counts(b'"legal_name"', PAGE), connections=1)).sample

        return run

    pairs = await in_turn(f"page, {page.what}", at(small), at(large), place.size.pairs, place.say)
    peer = f"{FEW_ENTERPRISES:,} enterprises"
    return Row(f"page of {place.size.enterprises:,}: {page.what}", peer, at_most(1.2), pairs.ratios("p50"))
