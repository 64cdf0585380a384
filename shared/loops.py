"""Loops that run as long as the process does, and their end."""

import asyncio
from collections.abc import Sequence

AGAIN_SECONDS = 0.5


async def end_all(loops: Sequence[asyncio.Task[None]]) -> None:
    """Cancels until each has ended.

    Once is not enough: `asyncio.wait_for` (before Python 3.12) and nats-py lose a cancellation that comes just as what they wait
    for is done, and a loop that never heard of it would hold up the end of the process for ever.
    """
    while running := [loop for loop in loops if not loop.done()]:
        for loop in running:
            loop.cancel()
        await asyncio.wait(running, timeout=AGAIN_SECONDS)
