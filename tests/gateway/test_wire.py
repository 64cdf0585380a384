"""The gateway's connections to services, against servers that say exactly what they are told to, well or badly."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from services.gateway.upstreams import IDLE_SECONDS, Unreachable, Upstream
from services.gateway.wire import MAX_HEAD, MUCH, Broken, Connection

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = OK + b"content-length: 0\r\n\r\n"


@asynccontextmanager
async def upstream(serve: Serve) -> AsyncIterator[tuple[Upstream, list[bytes]]]:
    """A service that does `serve` on each connection; with it what each connection brought first."""
    heads: list[bytes] = []
    tasks: set[asyncio.Task[None]] = set()

    async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())  # type: ignore[arg-type]
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                heads.append(await reader.readuntil(b"\r\n\r\n"))
                await serve(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(noting, "127.0.0.1", 0)
    found = Upstream("metrics", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield found, heads
    finally:
        found.close()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def saying(*answers: bytes) -> Serve:
    """One answer a request; after the last it waits for the caller to leave."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for n, answer in enumerate(answers):
            if n:
                await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        await reader.read()

    return serve


def leaving_after(answer: bytes) -> Serve:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return serve


async def whole(connection: Connection) -> bytes:
    got = []
    while not connection.is_at_end:
        got.append(await connection.piece())
    return b"".join(got)


async def get(service: Upstream, method: bytes = b"GET") -> tuple[int, bytes, Connection]:
    connection = await service.ask(method, b"/v1/results?module=M1", [(b"accept", b"*/*")])
    try:
        return connection.status, await whole(connection), connection
    finally:
        service.give_back(connection)


async def test_a_request_is_told_as_it_is_and_to_whom() -> None:
    async with upstream(saying(EMPTY)) as (service, heads):
        assert (await get(service))[:2] == (200, b"")
    top, *lines = heads[0].split(b"\r\n")
    assert top == b"GET /v1/results?module=M1 HTTP/1.1"
    assert lines[0].startswith(b"host: 127.0.0.1:")
    assert lines[1:] == [b"accept: */*", b"", b""]


async def test_a_chunked_answer_with_trailers_leaves_the_connection_free() -> None:
    chunked = (
        OK
        + b"transfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nx-checksum: 1\r\nx-more: 2\r\n\r\n"
    )
    async with upstream(saying(chunked, chunked, EMPTY)) as (service, heads):
        status, body, first = await get(service)
        assert (status, body) == (200, b"hello world")
        assert not any(name.startswith(b"x-") for name, _ in first.headers)
        assert (await get(service))[1:] == (b"hello world", first)
        assert (await get(service))[1:] == (b"", first)
    assert len(heads) == 1


async def test_what_is_said_before_the_answer_is_not_the_answer() -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
    async with upstream(saying(early + OK + b"content-length: 2\r\nx-own: 1\r\n\r\nok", EMPTY)) as (service, heads):
        status, body, connection = await get(service)
        assert (status, body, connection.headers) == (200, b"ok", [(b"content-length", b"2"), (b"x-own", b"1")])
        await get(service)
    assert len(heads) == 1


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        (b"HEAD", OK + b"content-length: 500\r\n\r\n"),
        (b"HEAD", OK + b"transfer-encoding: chunked\r\n\r\n"),
        (b"HEAD", OK + b"\r\n"),
        (b"GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        (b"GET", b'HTTP/1.1 304 Not Modified\r\netag: "3"\r\ncontent-length: 500\r\n\r\n'),
    ],
)
async def test_an_answer_without_a_body_is_whole_at_its_head(method: bytes, answer: bytes) -> None:
    async with upstream(saying(answer, EMPTY, answer)) as (service, heads):
        for one in (method, b"GET", method):
            assert (await get(service, one))[1] == b""
    assert len(heads) == 1


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"content-length: 100\r\n\r\nhalf",
        OK + b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        OK + b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
    ],
)
async def test_an_answer_that_breaks_off_is_told_as_far_as_it_came(answer: bytes) -> None:
    async with upstream(leaving_after(answer)) as (service, _):
        connection = await service.ask(b"GET", b"/", [])
        assert await connection.piece() == b"half"
        with pytest.raises(Broken):
            await whole(connection)
        service.give_back(connection)
        assert not connection.is_free


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    async with upstream(leaving_after(OK + b"\r\nall of it")) as (service, heads):
        assert [(await get(service))[:2] for _ in range(2)] == [(200, b"all of it")] * 2
    assert len(heads) == 2


async def test_an_answer_without_a_length_whose_connection_is_reset_is_not_whole() -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"\r\nhalf")
        await writer.drain()
        await proceed.wait()
        writer.transport.abort()

    proceed = asyncio.Event()
    async with upstream(serve) as (service, _):
        connection = await service.ask(b"POST", b"/", [], endless())
        assert await connection.piece() == b"half"
        proceed.set()
        with pytest.raises(Broken):
            await whole(connection)
        service.give_back(connection)


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 10_000
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ncontent-length: minus\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
        OK + b"x: " + b"y" * (MAX_HEAD + 300_000),
        b"",
    ],
    ids=["another protocol", "two lengths", "no length", "upgrade", "endless head", "nothing"],
)
async def test_what_is_no_answer_is_told_as_a_broken_connection(answer: bytes) -> None:
    async with upstream(leaving_after(answer)) as (service, _):
        with pytest.raises(Broken):
            await service.ask(b"GET", b"/", [])


async def test_more_than_was_asked_for_is_nobodys_answer() -> None:
    async with upstream(saying(EMPTY + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged", EMPTY)) as (
        service,
        heads,
    ):
        assert (await get(service))[1] == b""
        assert (await get(service))[1] == b""
    assert len(heads) == 2


async def test_an_answer_that_nobody_took_is_not_the_next_ones() -> None:
    async with upstream(saying(OK + b"content-length: 4\r\n\r\nmine", EMPTY)) as (service, heads):
        connection = await service.ask(b"GET", b"/", [])
        assert connection.is_at_hand
        service.give_back(connection)
        assert (await get(service))[1] == b"mine"
    assert len(heads) == 2, "the second was asked on a connection of its own"


async def test_what_comes_on_an_idle_connection_closes_it() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(EMPTY)
        await proceed.wait()
        writer.write(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        assert await reader.read() == b""
        proceed.clear()

    proceed = asyncio.Event()
    async with upstream(serve) as (service, heads):
        await get(service)
        proceed.set()
        await eventually(lambda: not proceed.is_set())
        proceed.set()
        assert (await get(service))[0] == 200
    assert len(heads) == 2


async def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def test_a_connection_that_the_service_closed_is_not_used_again() -> None:
    async with upstream(leaving_after(EMPTY)) as (service, heads):
        connection = (await get(service))[2]
        await eventually(lambda: connection.is_lost)
        assert (await get(service))[0] == 200
    assert len(heads) == 2


async def test_a_connection_that_was_idle_for_long_or_says_close_is_not_used_again() -> None:
    closing = OK + b"connection: close\r\ncontent-length: 0\r\n\r\n"
    async with upstream(saying(EMPTY, closing)) as (service, heads):
        connection = (await get(service))[2]
        connection.free_since -= IDLE_SECONDS + 1
        assert (await get(service))[2] is not connection
        assert len(heads) == 2
        assert (await get(service))[0] == 200
        assert len(heads) == 2, "the second answer of the second connection says close"
        await get(service)
    assert len(heads) == 3


async def test_where_one_used_connection_breaks_the_others_are_not_tried() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(EMPTY)
        await reader.readuntil(b"\r\n\r\n")  # and leaves without an answer

    async with upstream(serve) as (service, heads):
        held = [await service.ask(b"GET", b"/", []) for _ in range(3)]
        for connection in held:
            service.give_back(connection)
        with pytest.raises(Broken):
            await get(service)
        assert (await get(service))[0] == 200
    assert len(heads) == 4


async def test_nobody_there_is_another_thing_than_a_broken_connection(closed_port: int) -> None:
    with pytest.raises(Unreachable):
        await Upstream("metrics", f"http://127.0.0.1:{closed_port}").ask(b"POST", b"/", [])


# --- bodies there ----------------------------------------------------------------------------------------------


async def pieces() -> AsyncIterator[bytes]:
    yield b"hello"
    await asyncio.sleep(0)
    yield b" world"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [([(b"content-length", b"11")], b"hello world"), ([], b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")],
    ids=["length", "chunked"],
)
async def test_a_body_goes_with_its_length_or_in_chunks(headers: list[tuple[bytes, bytes]], expected: bytes) -> None:
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            got.append(await reader.readexactly(len(expected)))
            writer.write(EMPTY)
            with suppress(asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")

    async with upstream(serve) as (service, heads):
        for _ in range(2):
            connection = await service.ask(b"POST", b"/", headers, pieces())
            assert await whole(connection) == b""
            service.give_back(connection)
    assert got == [expected] * 2
    assert len(heads) == 1
    assert (b"transfer-encoding: chunked" in heads[0]) == (not headers)


async def test_an_answer_may_come_while_the_body_is_still_sent() -> None:
    refusal = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\n{}"
    async with upstream(saying(refusal)) as (service, heads):
        for _ in range(2):
            connection = await service.ask(b"POST", b"/", [], endless())
            assert (connection.status, await whole(connection)) == (413, b"{}")
            service.give_back(connection)
            assert not connection.is_free
    assert len(heads) == 2, "what is left of the body must not be read as the next request"


async def test_a_body_that_fails_takes_the_request_with_it() -> None:
    class TooMuch(Exception):
        pass

    async def failing() -> AsyncIterator[bytes]:
        yield b"half"
        raise TooMuch

    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(100))
        seen.append(b"end" if not await reader.read() else b"more")

    async with upstream(serve) as (service, _):
        with pytest.raises(TooMuch):
            await service.ask(b"POST", b"/", [(b"content-length", b"8")], failing())
        await eventually(lambda: len(seen) == 2)


async def test_a_slow_service_holds_the_body_back() -> None:
    sent = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            yield b"x" * 65_536
            sent += 1

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await proceed.wait()
        left = 1_000 * 65_536
        while left:
            left -= len(await reader.read(1_000_000))
        writer.write(EMPTY)

    proceed = asyncio.Event()
    async with upstream(serve) as (service, _):
        asking = asyncio.create_task(service.ask(b"PUT", b"/", [(b"content-length", b"65536000")], counted()))
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.1)
        assert 0 < sent < 900
        proceed.set()
        service.give_back(await asking)
        assert sent == 1_000


# --- and back --------------------------------------------------------------------------------------------------


async def test_an_answer_that_nobody_reads_is_held_back() -> None:
    total, written = 60_000_000, 0

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(OK + b"content-length: %d\r\n\r\n" % total)
        while written < total:
            writer.write(b"x" * 100_000)
            written += 100_000
            await writer.drain()

    async with upstream(serve) as (service, _):
        connection = await service.ask(b"GET", b"/", [])
        before = -1
        while before != written:
            before = written
            await asyncio.sleep(0.1)
        assert written < total
        first = await connection.piece()
        assert MUCH < len(first) < 4 * MUCH
        assert len(first) + len(await whole(connection)) == total
        service.give_back(connection)


async def test_who_gives_up_closes_the_connection_under_the_service() -> None:
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()
        left.set()

    async with upstream(serve) as (service, heads):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await service.ask(b"GET", b"/", [])
        async with asyncio.timeout(20):
            await left.wait()
        assert len(heads) == 1
