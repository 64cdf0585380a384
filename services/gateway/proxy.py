"""What is under /v1 goes to the service that has the collection, streamed both ways.

Plain ASGI, because this is where every request passes (performance.md). Paths are forwarded byte for byte or not at all.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from services.gateway.exchange import Exchange
from services.gateway.limits import Limits, has_body
from services.gateway.upstreams import SERVICE_OF, Upstreams
from services.gateway.wire import Header
from shared import errors
from shared.context import current
from shared.files.media import XLSX
from shared.telemetry import Receive, Scope, Send

SEGMENT = rb"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+"
PATH = re.compile(rb"/v1/([a-z-]+)(?:/" + SEGMENT + rb")*")
# an encoded slash or NUL would be read otherwise further on, `.` and `..` would be resolved
DANGEROUS = re.compile(rb"%(?:2f|5c|00)|/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
LONE_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")

OWN = "gateway"  # has a door of its own
HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade".split()
)
# what only we may say to a service, and what is settled between the client and us
OURS = HOP_BY_HOP | frozenset(b"host expect accept-encoding forwarded via x-real-ip x-request-id traceparent".split())
PRETENDED = (b"x-forwarded-", b"x-user")
FORMS = (b"accept", b"content-type")
WORKBOOK = XLSX.encode()


class Service:
    """An upstream as logs and metrics name it: `path` takes the place of a route's template."""

    def __init__(self, name: str) -> None:
        self.name = self.path = name


class Proxy:
    def __init__(self, upstreams: Upstreams, limits: Limits) -> None:
        self._upstreams, self._limits = upstreams, limits
        self._services = {name: Service(name) for name in upstreams.names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = self._services[service_of(scope["raw_path"])]
        scope["route"] = service
        exchange = Exchange(
            upstream=self._upstreams[service.name],
            method=scope["method"],
            target=target_of(scope["raw_path"], checked_query(scope["query_string"])),
            headers=request_headers(scope["headers"]),
            has_body=has_body(scope),
            answer_seconds=self._limits.workbook if is_of_workbook(scope["headers"]) else self._limits.answer,
            receive=receive,
            send=send,
        )
        await exchange.carry_out()


def target_of(path: bytes, query: bytes) -> bytes:
    return path + b"?" + query if query else path


def is_of_workbook(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Writing and reading one takes long."""
    return any(WORKBOOK in value.lower() for name, value in headers if name in FORMS)


def service_of(path: bytes) -> str:
    """404 for a path that is not plainly one of ours, however it might be understood."""
    found = PATH.fullmatch(path)
    if found is None or DANGEROUS.search(path) or not is_text(path):
        raise errors.NotFound()
    service = SERVICE_OF.get(found[1].decode())
    if service is None or service == OWN:
        raise errors.NotFound()
    return service


def checked_query(query: bytes) -> bytes:
    if LONE_PERCENT.search(query) or not query.isascii() or not is_text(query):
        raise errors.MalformedQuery()
    return query


def is_text(encoded: bytes) -> bool:
    """Of what is ASCII: whether what is encoded in it is UTF-8."""
    if b"%" not in encoded:
        return True
    try:
        unquote_to_bytes(encoded).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def request_headers(headers: Iterable[Header]) -> list[Header]:
    """What the service is told: the client's own words, our request id and trace, and nothing about where from."""
    pairs = list(headers)
    named = named_by_connection(pairs)
    left_out = OURS | named if named else OURS
    kept = [pair for pair in pairs if pair[0] not in left_out and not pair[0].startswith(PRETENDED)]
    for name, value in kept:
        if not value.isascii():
            refuse_unreadable(name, value)
    context = current()
    return [
        *kept,
        (b"x-request-id", context.request_id.encode("ascii")),
        (b"traceparent", context.traceparent.encode("ascii")),
    ]


def refuse_unreadable(name: bytes, value: bytes) -> None:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as error:
        place = errors.header("not_utf8", "This header is not UTF-8.", name.decode("ascii"))
        raise errors.MalformedHeader(errors=[place]) from error


def named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    return frozenset(
        token.strip().lower() for name, value in headers if name == b"connection" for token in value.split(b",")
    )
