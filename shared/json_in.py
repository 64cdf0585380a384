"""The one way in for JSON: strict, exact, bounded.

Numbers become int or Decimal, never float; duplicate keys, NaN, byte order marks, bad UTF-8 and deep nesting are refused.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from shared import errors

MAX_DEPTH = 64
MAX_ITEMS = 100_000
MAX_MEMBERS = 10_000  # of one object; each that we do not know would be told apart
HALF = re.compile("[\ud800-\udfff]")
MAX_DIGITS = 1_000  # longer numbers are no number anyone means, and costly to parse


class JsonNumber(Decimal):
    """A number as it stood in JSON, which other programs may have passed through a float: not every digit need be meant."""


def parse_json(raw: bytes) -> Any:
    """The value in `raw`; raises `MalformedJson`, `TooDeep` (400), `ValidationFailed` (422: NUL, over-long arrays)."""
    text = decode(raw)
    refuse_depth(text)
    try:
        value = json.loads(
            text, parse_float=exact, parse_int=whole, parse_constant=no_constant, object_pairs_hook=no_duplicates
        )
    except (json.JSONDecodeError, RecursionError) as error:
        raise errors.MalformedJson() from error
    if places := list(unbearable(value, ())):
        raise errors.ValidationFailed(errors=places[:100])
    return value


def decode(raw: bytes) -> str:
    if not raw.strip():
        raise errors.MalformedJson("The body is empty.")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise errors.MalformedJson("The body begins with a byte order mark; send it without.")
    try:
        return raw.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        raise errors.MalformedJson("The body is not UTF-8.") from error


def refuse_depth(text: str) -> None:
    """Counted before parsing, so that a deep body costs nothing."""
    depth, in_string, escaped = 0, False, False
    for char in text if text.count("[") + text.count("{") > MAX_DEPTH else "":
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise errors.TooDeep()
        elif char in "]}":
            depth -= 1


def exact(number: str) -> JsonNumber:
    if len(number) > MAX_DIGITS:
        raise errors.ValidationFailed("A number is too long.")
    return JsonNumber(number)


def whole(number: str) -> int:
    if len(number) > MAX_DIGITS:
        raise errors.ValidationFailed("A number is too long.")
    return int(number)


def no_constant(_: str) -> NoReturn:
    raise errors.MalformedJson("NaN and Infinity are not JSON.")


def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_MEMBERS:
        raise errors.ValidationFailed(f"An object may have at most {MAX_MEMBERS:,} members.")
    found = dict(pairs)
    if len(found) < len(pairs):
        raise errors.MalformedJson("An object names the same member twice.")
    return found


def unbearable(value: Any, path: tuple[str | int, ...]) -> Iterator[errors.Place]:
    """Places of texts that nothing can hold and of arrays too long, anywhere in the tree."""
    if isinstance(value, str):
        if problem := unbearable_text(value):
            yield errors.pointer(*problem, *path)
    elif isinstance(value, list):
        if len(value) > MAX_ITEMS:
            yield errors.pointer("too_long", f"A list may have at most {MAX_ITEMS:,} items.", *path)
            return
        for index, item in enumerate(value):
            yield from unbearable(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            if problem := unbearable_text(key):
                yield errors.pointer(*problem, *path)
            else:
                yield from unbearable(item, (*path, key))


def unbearable_text(text: str) -> tuple[str, str] | None:
    if "\x00" in text:
        return "nul_character", "A text can't hold the NUL character."
    if HALF.search(text):
        return "invalid_unicode", "A text can't hold half of a surrogate pair."
    return None
