"""Which form a body has and which form the answer may have: `Accept`, `Content-Type`."""

from collections.abc import Mapping
from contextlib import suppress

from fastapi import Request

from shared import errors

PATCH_TYPES = ("application/merge-patch+json", "application/json")


def joined(request: Request, name: str) -> str | None:
    """All lines of a header as one, which is the same (RFC 9110); None without any."""
    values = request.headers.getlist(name)
    return ", ".join(values) if values else None


def check_accept(request: Request, *offered: str) -> None:
    """406 unless one of `offered` is acceptable."""
    header = joined(request, "accept")
    if not (header and header.strip()):
        return
    weights: dict[str, float] = {}
    for part in header.split(","):
        kind, *params = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        with suppress(ValueError):
            quality = next((float(param[2:]) for param in params if param.startswith("q=")), 1.0)
        weights[kind] = quality
    if not any(weight_of(kind, weights) > 0 for kind in offered):
        raise errors.NotAcceptable()


def weight_of(offered: str, weights: Mapping[str, float]) -> float:
    """The most specific range that fits decides."""
    ranges = (offered, f"{offered.split('/')[0]}/*", "*/*")
    return next((weights[kind] for kind in ranges if kind in weights), 0.0)


def check_content_type(request: Request, method: str, body: bytes) -> None:
    taken = PATCH_TYPES if method == "PATCH" else ("application/json",)
    values = request.headers.getlist("content-type")
    if not values and not body:
        raise errors.MalformedJson("The body is empty.")
    kind, _, params = (values[0] if len(values) == 1 else "").partition(";")
    charset = params.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() not in taken or charset not in ("", "utf-8"):
        name = "Accept-Patch" if method == "PATCH" else "Accept-Post"
        raise errors.UnsupportedMediaType(headers={name: ", ".join(taken)})
