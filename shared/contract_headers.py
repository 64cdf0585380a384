"""Which headers an operation takes and gives, as the OpenAPI document says it."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from shared.types import Resource

Documents = dict[str, dict[str, Any]]
TAG = '(W/)?"[!#-~]*"'
TAGS = rf"^(\*|{TAG}( *, *{TAG})*)$"


def text(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}}


TAKEN: Documents = {
    "X-Request-ID": text("A name for this request, given back and found in logs and events; garbage is replaced"),
    "traceparent": text("W3C Trace Context; garbage is replaced"),
    "Consistency-Token": text(
        "Tokens of earlier answers, comma-separated: this request is served when what they cover has arrived"
    ),
    "Idempotency-Key": text(
        "A repeat with the same key, body and query is answered as the first was, for 24 hours",
        pattern="^[!-~]{1,255}$",
        examples=["3f0e6a52-order-17"],
    ),
    "If-None-Match": text("The ETag you have: 304 if it is still the present one", pattern=TAGS, examples=['"3"']),
    "If-Match": text("The ETag you read: 412 if it is not the present one any more", pattern=TAGS, examples=['"3"']),
}
GIVEN: Documents = {
    "X-Request-ID": text("The name of this request"),
    "traceparent": text("The trace this request belongs to"),
    "Cache-Control": text("Who may keep the answer"),
    "Vary": text("What the answer depends on"),
    "ETag": text("The version, for If-Match and If-None-Match", examples=['"3"']),
    "Location": text("Where the resource is"),
    "Link": text('The next page, `rel="next"`; absent on the last'),
    "Consistency-Token": text("Covers this write and what it followed from; send it back to see at least that"),
    "Idempotent-Replayed": text("This is the answer of the first request under the key", enum=["true"]),
    "WWW-Authenticate": text("What is wanted of the token"),
    "RateLimit-Policy": text("How many requests a client has, and in which time", examples=['"client";q=60000;w=60']),
    "RateLimit": text(
        "How many are left, and in how many seconds all are there again", examples=['"client";r=59990;t=41']
    ),
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 0}},
    "Accept-Post": text("Media types that are taken"),
    "Accept-Patch": text("Media types that are taken"),
}
OF_REFUSALS = {401: ["WWW-Authenticate"], 403: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}


def headers_taken(method: str, conditional: bool) -> Iterator[dict[str, Any]]:
    """Parameters; `conditional`: the operation looks at `If-Match`."""
    names = ["X-Request-ID", "traceparent", "Consistency-Token"]
    names += {"GET": ["If-None-Match"], "POST": ["Idempotency-Key"]}.get(method, [])
    for name in names + (["If-Match"] if conditional else []):
        required = name == "If-Match" and method != "POST"
        yield {"name": name, "in": "header", "required": required, **TAKEN[name]}


def headers_given(method: str, code: int, out: Any) -> Documents:
    """By name; `out` is the model of the answer's body."""
    names = [
        "X-Request-ID",
        "traceparent",
        "Cache-Control",
        "RateLimit-Policy",
        "RateLimit",
        *OF_REFUSALS.get(code, ()),
    ]
    if code == 308:
        names += ["Location"]
    elif code < 400:
        names += ["Vary", "Consistency-Token"]
        names += of_success(method, code, out)
    elif code == 409:
        names += ["Location", "Retry-After"]
    elif code == 415:
        names += ["Accept-Patch" if method == "PATCH" else "Accept-Post"]
    return {name: GIVEN[name] for name in names}


def of_success(method: str, code: int, out: Any) -> Iterable[str]:
    model = out if isinstance(out, type) and issubclass(out, BaseModel) else BaseModel
    if issubclass(model, Resource) or code == 304:
        yield "ETag"
    if "next_cursor" in model.model_fields and code == 200:
        yield "Link"
    if code in (201, 202):
        yield "Location"
    if method == "POST":
        yield "Idempotent-Replayed"
