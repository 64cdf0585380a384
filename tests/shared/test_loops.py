"""A loop is ended though its first cancellation gets lost."""

import asyncio
from contextlib import suppress

import pytest

from shared.loops import end_all


async def hard_of_hearing(times: int) -> None:
    for _ in range(times):
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    await asyncio.Event().wait()


@pytest.mark.parametrize("times", [0, 1, 3])
async def test_every_loop_ends(times: int) -> None:
    loops = [asyncio.create_task(hard_of_hearing(n)) for n in (0, times)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end_all(loops)
    assert all(loop.cancelled() for loop in loops)


async def test_a_loop_that_has_failed_does_not_matter() -> None:
    async def failing() -> None:
        raise ZeroDivisionError

    loop = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await end_all([loop])
    assert isinstance(loop.exception(), ZeroDivisionError)
