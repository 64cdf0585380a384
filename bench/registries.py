"""The small and the large registry, each with a service of its own: written once, for whichever benches of a run ask for them."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from bench import registry, scratch
from bench.place import Place
from bench.sizes import FEW_ENTERPRISES

SMALL, LARGE = "registry_small", "registry_large"


@asynccontextmanager
async def both(place: Place) -> AsyncIterator[tuple[str, str]]:
    """Their addresses."""
    with ExitStack() as opened:
        beside = opened.enter_context(scratch.broker(place))
        for name, count in ((SMALL, FEW_ENTERPRISES), (LARGE, place.size.enterprises)):
            await fill(place, name, count)
        small, large = (
            opened.enter_context(scratch.service(place, "enterprise", name, beside)) for name in (SMALL, LARGE)
        )
        yield small, large


async def fill(place: Place, name: str, count: int) -> None:
    if await place.has_database(name):
        return
    place.say(f"a registry of {count} enterprises is written")
    await scratch.make_database(place, name, "enterprise")
    database = await place.connect(name)
    try:
        await registry.fill(database, count)
    finally:
        await database.close()
