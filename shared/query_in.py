"""The one way in for queries: decodable, and each parameter known, given once, and not empty."""

import string
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from shared import errors

HEX = frozenset(string.hexdigits.encode())
MAX_PARAMETERS = 200


def query_names(route: APIRoute) -> frozenset[str]:
    """Names of the query parameters a route declares, those inside a query model too."""
    names: set[str] = set()
    for field in all_query_params(route.dependant):
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            names |= {info.alias or name for name, info in annotation.model_fields.items()}
        else:
            names.add(field.alias)
    return frozenset(names)


def all_query_params(dependant: Dependant) -> Iterator[Any]:
    """Those of a route and of what it depends on."""
    yield from dependant.query_params
    for inner in dependant.dependencies:
        yield from all_query_params(inner)


def check_query(request: Request, known: frozenset[str]) -> None:
    """400 when the query cannot be decoded; 422 for unknown, repeated and empty parameters."""
    pairs = parse_query(request.scope["query_string"])
    places: list[errors.Place] = []
    seen: set[str] = set()
    for name, value in pairs:
        if name not in known:
            places.append(errors.parameter("unknown_parameter", "There is no such parameter here.", safe_name(name)))
        elif name in seen:
            places.append(errors.parameter("repeated_parameter", "This parameter is given twice.", name))
        elif not value:
            places.append(errors.parameter("empty_parameter", "This parameter has no value; leave it out.", name))
        elif "\x00" in value:
            places.append(errors.parameter("nul_character", "A text can't hold the NUL character.", name))
        seen.add(name)
    if places:
        raise errors.ValidationFailed(errors=places[:100])


def parse_query(raw: bytes) -> list[tuple[str, str]]:
    index = raw.find(b"%")
    while index >= 0:
        if not (len(raw) > index + 2 and raw[index + 1] in HEX and raw[index + 2] in HEX):
            raise errors.MalformedQuery()
        index = raw.find(b"%", index + 1)
    try:
        unquote_to_bytes(raw).decode("utf-8")
        return parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except (UnicodeDecodeError, ValueError) as error:
        raise errors.MalformedQuery() from error


def safe_name(name: str) -> str:
    """A name may be answered back only if it looks like one."""
    return name if name.isascii() and name.replace("_", "").isalnum() and len(name) <= 50 else "?"
