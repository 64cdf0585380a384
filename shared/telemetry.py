"""Logs, metrics and the thread of a request: what an operator reads.

Logs are JSON lines on stdout with an allow-list of fields: no bodies, no tokens, no personal data. Metrics are labelled by
route template, never by path or id. The request id and the trace go on through events (`shared.context`).
"""

import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any

import orjson
import structlog
import uuid_utils
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from shared.context import Context, set_context
from shared.failures import frames_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
THREAD = (b"x-request-id", b"traceparent")
QUIET = ("/-/live", "/-/ready", "/-/metrics", "/oauth/revoked")  # asked for all the time
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def configure_logging(service: str, log_format: str) -> None:
    """structlog on stdout; the standard library's warnings and errors (uvicorn, SQLAlchemy, NATS) go the same way."""
    is_console = log_format == "console"
    renderer = (
        structlog.dev.ConsoleRenderer() if is_console else structlog.processors.JSONRenderer(serializer=json_line)
    )
    shared_steps: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        with_service(service),
        without_texts,
    ]
    structlog.configure(
        processors=[*shared_steps, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=Output,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[*shared_steps, first_line],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.WARNING)


def json_line(event: Mapping[str, Any], **options: Any) -> str:
    try:
        return orjson.dumps(event, **options).decode()
    except TypeError:  # half of a surrogate pair, a number of more than 64 bits
        return json.dumps(event, **options)


class Output:
    """A line is one word with the system, and has left before what it tells of goes on."""

    def __init__(self, *_: Any) -> None:
        self._file = sys.stdout.buffer

    def msg(self, line: str) -> None:
        self._file.write(line.encode("utf-8", "backslashreplace") + b"\n")
        self._file.flush()

    info = warning = error = critical = msg


def with_service(service: str) -> Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]:
    def add(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    return add


def without_texts(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of an exception its type and its places: its text might repeat what was sent."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else (info[1] if isinstance(info, tuple) else sys.exc_info()[1])
    if info and error:
        event.update(error=type(error).__name__, frames=frames_of(error))
    return event


def first_line(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """asyncio's further lines show the task with its exception and all of its text."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


class Metrics:
    """The Prometheus registry of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("score_requests", "Requests answered", labels, registry=self.registry)
        self.seconds = Histogram(
            "score_request_seconds", "Time to answer", ("method", "route"), buckets=SECONDS, registry=self.registry
        )

        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        kind = method, route, status // 100
        known = self._known.get(kind)
        if known is None:
            count, times = self.requests.labels(method, route, f"{status // 100}xx"), self.seconds.labels(method, route)
            known = self._known[kind] = count, times
        known[0].inc()
        known[1].observe(seconds)

    def page(self) -> tuple[bytes, str]:
        return generate_latest(self.registry), CONTENT_TYPE_LATEST


def new_request_id() -> str:
    return str(uuid_utils.uuid7())


def new_traceparent() -> str:
    drawn = secrets.token_hex(24)
    return f"00-{drawn[:32]}-{drawn[32:]}-01"


class Tracing:
    """Outermost middleware: gives each request its id and trace, answers them, counts it and writes one line about it.

    `besides`: what else every answer says in its head, whoever made it.
    """

    def __init__(self, app: App, metrics: Metrics, besides: Callable[[Scope], Sequence[Header]] = lambda _: ()) -> None:
        self.app, self.metrics, self.besides = app, metrics, besides
        self.log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        context = context_of(scope["headers"])
        set_context(context)
        scope.setdefault("state", {})["request_id"] = context.request_id
        started, status, method = time.perf_counter(), 500, scope["method"]

        async def traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                others = [pair for pair in message["headers"] if pair[0] not in THREAD]
                message["headers"] = [*others, *self.besides(scope), *thread_of(context)]
            await send(message)

        try:
            await self.app(scope, receive, traced)
        finally:
            self._account(scope, context, method, status, time.perf_counter() - started)

    def _account(self, scope: Scope, context: Context, method: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = method if method in KNOWN_METHODS else "OTHER"
        self.metrics.observe(method, route, status, seconds)
        if scope["path"] in QUIET:
            return
        principal = scope["state"].get("principal")
        self.log.info(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            request_id=context.request_id,
            trace_id=context.traceparent[3:35],
            client_id=getattr(principal, "client_id", None),
        )


KNOWN_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def context_of(headers: Iterable[Header]) -> Context:
    """Garbage in either header is replaced, as the standards say."""
    sent = [pair for pair in headers if pair[0] in THREAD]
    request_id, trace = (the_one(sent, name) for name in THREAD) if sent else ("", "")
    return Context(
        request_id=request_id if REQUEST_ID.fullmatch(request_id) else new_request_id(),
        traceparent=trace if TRACEPARENT.fullmatch(trace) else new_traceparent(),
        subject="",
    )


def thread_of(context: Context) -> tuple[Header, Header]:
    request_id, trace = THREAD
    return (request_id, context.request_id.encode("ascii")), (trace, context.traceparent.encode("ascii"))


def the_one(headers: Iterable[Header], name: bytes) -> str:
    """The value of a header that comes once; two of it are none."""
    values = [value for known, value in headers if known == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""
