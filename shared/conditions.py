"""ETag, If-Match and If-None-Match (RFC 9110): the version of a row is its strong ETag."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared import errors

TAG = re.compile(r'\*|(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
LIST = re.compile(rf"[\s,]*(?:{TAG.pattern})(?:\s*,[\s,]*(?:{TAG.pattern}))*[\s,]*")


def etag(version: int, part: bytes | None = None) -> str:
    """`part`: what is answered, where it is not the whole: who sees more of the same version has another tag."""
    digest = f"-{hashlib.sha256(part).hexdigest()[:16]}" if part else ""
    return f'"{version}{digest}"'


def versions_of(tags: Iterable[str]) -> set[str]:
    """Of parts, too: what is changed is the whole."""
    return {re.sub(r'-[0-9a-f]{16}"$', '"', tag) for tag in tags}


def parse_tags(value: str, name: str) -> list[str]:
    """The tags of a list header, weak ones with their `W/`; 400 when one is unquoted."""
    if not LIST.fullmatch(value):
        place = errors.header("malformed_etag", 'An entity tag stands in double quotes, for instance "3".', name)
        raise errors.MalformedHeader(errors=[place])
    return TAG.findall(value)


@dataclass(frozen=True)
class IfMatch:
    """What the caller believes the present version to be; `tags` None: the caller did not say."""

    tags: tuple[str, ...] | None = None

    @classmethod
    def read(cls, value: str | None) -> "IfMatch":
        return cls(None if value is None else tuple(parse_tags(value, "If-Match")))

    def required(self) -> "IfMatch":
        if self.tags is None:
            raise errors.PreconditionRequired()
        return self

    def check(self, version: int) -> None:
        """412 unless the present version is among the tags (strong comparison: weak tags never match)."""
        if self.tags is not None and "*" not in self.tags and etag(version) not in versions_of(self.tags):
            raise errors.PreconditionFailed()

    @property
    def wants_any(self) -> bool:
        """`*`: whatever version, if there is one."""
        return self.tags is not None and "*" in self.tags


@dataclass(frozen=True)
class NoneMatch:
    """What the caller has already: `If-None-Match`, weakly compared."""

    tags: tuple[str, ...] = ()

    @classmethod
    def read(cls, value: str | None) -> "NoneMatch":
        return cls(() if value is None else tuple(parse_tags(value, "If-None-Match")))

    def includes(self, present: str | None) -> bool:
        if present is None:
            return False
        return "*" in self.tags or present.removeprefix("W/") in {tag.removeprefix("W/") for tag in self.tags}
