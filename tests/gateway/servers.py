"""Real servers for the gateway's tests: uvicorn in a thread, a service that does as its paths say, one that hangs up."""

import asyncio
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import uvicorn

from tests.conftest import free_port

START_SECONDS = 20


class Running:
    """An ASGI application under uvicorn, on a loopback port."""

    def __init__(self, app: Any, **options: Any) -> None:
        self.app, self.port = app, free_port()
        options = {"log_config": None, "access_log": False, "timeout_graceful_shutdown": 1, "ws": "none"} | options
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, server_header=False, **options)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self._server.started or not self._thread.is_alive())
        assert self._server.started
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join(START_SECONDS)


def until(condition: Callable[[], object], seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


class Service:
    """What stands in for a service: the last part of the path says what it does. Remembers requests and who left."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[dict[str, Any]] = []
        self.left: list[str] = []
        self.ready = True
        self.document: dict[str, Any] = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": {}}}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            last = scope["path"].rpartition("/")[2].replace("-", "_").replace(".", "_")
            await getattr(self, f"do_{last}", self.do_echo)(scope, receive, send)

    async def do_echo(self, scope: Any, receive: Any, send: Any) -> None:
        """Says what arrived."""
        body = hashlib.sha256()
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left.append(scope["path"])
                return
            body.update(message.get("body", b""))
            size, more = size + len(message.get("body", b"")), message.get("more_body", False)
        arrived = {
            "service": self.name,
            "method": scope["method"],
            "path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": [[name.decode(), value.decode("latin-1")] for name, value in scope["headers"]],
            "size": size,
            "sha256": body.hexdigest(),
        }
        self.seen.append(arrived)
        await answer(send, 200, json.dumps(arrived).encode(), [(b"etag", b'"3"'), (b"consistency-token", b"abc")])

    do_imports = do_echo

    async def do_ready(self, scope: Any, receive: Any, send: Any) -> None:
        status = "ready" if self.ready else "not-ready"
        body = {"status": status, "parts": {"database": {"status": status}}}
        await answer(send, 200 if self.ready else 503, json.dumps(body).encode())

    async def do_openapi_json(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, json.dumps(self.document).encode())

    async def do_large(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, json.dumps({"text": "x" * 5000}).encode())

    async def do_no_content(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def do_stream(self, scope: Any, receive: Any, send: Any) -> None:
        """A line, and the next only when somebody has asked for `go-on`."""
        self.go_on = asyncio.Event()
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/x-ndjson")]}
        )
        await send({"type": "http.response.body", "body": b'{"n": 1}\n', "more_body": True})
        await self.go_on.wait()
        await send({"type": "http.response.body", "body": b'{"n": 2}\n'})

    async def do_go_on(self, scope: Any, receive: Any, send: Any) -> None:
        self.go_on.set()
        await answer(send, 200, b"{}")

    async def do_break_off(self, scope: Any, receive: Any, send: Any) -> None:
        """Promises more than comes: uvicorn breaks the connection."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})

    async def do_break_at_once(self, scope: Any, receive: Any, send: Any) -> None:
        """A head, and nothing of the body that it promises."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})

    async def do_hang(self, scope: Any, receive: Any, send: Any) -> None:
        """Never answers; remembers when the caller leaves."""
        self.seen.append({"path": scope["path"]})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left.append(scope["path"])

    async def do_refuse(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers before the body is read."""
        await answer(send, 415, b"{}")


async def answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    told = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})


class HangsUp:
    """Answers `first` requests, then `times` times closes the connection without a word, afterwards answers again."""

    def __init__(self, times: int, first: int = 0) -> None:
        self.silent = range(first, first + times)
        self.requests: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(START_SECONDS)
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                while self._answer(connection):
                    pass

    def _answer(self, connection: socket.socket) -> bool:
        """Whether the connection stays open."""
        request = connection.recv(65536)
        if not request:
            return False
        self.requests.append(request.split(b" ", 1)[0])
        if len(self.requests) - 1 in self.silent:
            return False
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        return True


def raw(port: int, request: bytes, seconds: float = 15, *, then: bytes = b"") -> bytes:
    """Sends bytes as they are and reads to the end of the answer: its length, or the close of the connection."""
    with socket.create_connection(("127.0.0.1", port), seconds) as line:
        line.sendall(request)
        if then:
            line.sendall(then)
        return read_answer(line)


def read_answer(line: socket.socket) -> bytes:
    got = b""
    while not is_whole(got):
        piece = line.recv(65536)
        if not piece:
            break
        got += piece
    return got


def is_whole(got: bytes) -> bool:
    head, end, body = got.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(end) and bool(lengths) and len(body) >= int(lengths[0])
