"""The head of an answer leaves with the first piece of its body, and never waits for one that does not come."""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

import pytest

from shared.http_protocol import HeadWithBody

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Wire:
    """Where the server writes; keeps what left at one go."""

    def __init__(self) -> None:
        self.left: list[Any] = []

    def write(self, data: bytes) -> None:
        self.left.append(data)

    def writelines(self, pieces: Iterable[bytes]) -> None:
        self.left.append(b"".join(pieces))

    def write_eof(self) -> None:
        self.left.append("eof")

    def close(self) -> None:
        self.left.append("closed")


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def transport(wire: Wire) -> HeadWithBody:
    return HeadWithBody(cast(asyncio.Transport, wire), asyncio.get_running_loop())


async def test_head_and_body_leave_together_and_further_pieces_as_they_come(
    wire: Wire, transport: HeadWithBody
) -> None:
    transport.write(HEAD)
    assert wire.left == []
    for piece in (b"first", b"second"):
        transport.write(piece)
    await asyncio.sleep(0)
    assert wire.left == [HEAD + b"first", b"second"]


async def test_a_head_alone_leaves_in_the_same_turn(wire: Wire, transport: HeadWithBody) -> None:
    transport.write(HEAD)
    await asyncio.sleep(0)
    assert wire.left == [HEAD]


@pytest.mark.parametrize(("end", "told"), [("close", "closed"), ("write_eof", "eof")])
async def test_a_head_leaves_before_the_end(wire: Wire, transport: HeadWithBody, end: str, told: str) -> None:
    transport.write(HEAD)
    getattr(transport, end)()
    await asyncio.sleep(0)
    assert wire.left == [HEAD, told]
