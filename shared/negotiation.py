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


def check_accept(request: Request, *offered: str) -> str:
    """The one of `offered` that is wanted most; 406 if none is acceptable.

    Of equal weight: what is named more closely, then what is named first, then what is offered first.
    """
    wanted = ranges_of(joined(request, "accept") or "")
    if not wanted:
        return offered[0]
    found = [(*standing(kind, wanted), -place, kind) for place, kind in enumerate(offered)]
    weight, *_, kind = max(found)
    if weight <= 0:
        raise errors.NotAcceptable(f"This address answers {', '.join(offered)}.")
    return kind


def ranges_of(header: str) -> dict[str, tuple[float, int]]:
    """By range its weight and its place."""
    found: dict[str, tuple[float, int]] = {}
    for place, part in enumerate(filter(str.strip, header.split(","))):
        kind, *params = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        with suppress(ValueError):
            quality = next((float(param[2:]) for param in params if param.startswith("q=")), 1.0)
        found[kind] = quality, place
    return found


def standing(offered: str, wanted: Mapping[str, tuple[float, int]]) -> tuple[float, int, int]:
    """Weight, closeness and place (the earlier the greater): the closest range that fits decides."""
    fitting = ("*/*", f"{offered.split('/')[0]}/*", offered)
    for closeness, kind in reversed(list(enumerate(fitting))):
        if kind in wanted:
            weight, place = wanted[kind]
            return weight, closeness, -place
    return 0.0, 0, 0


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
