"""The limits every process holds, and what only the gateway has to say: the names it answers to, and its patience."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from shared import errors, limits
from shared.limits import BodyLimits, Sizes, has_body
from shared.telemetry import App, Scope

__all__ = ["BodyLimits", "HeadLimits", "Limits", "has_body"]
HOSTS = 100  # that are asked for again and again
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class Limits(Sizes):
    answer: float = 30.0  # seconds of a service, until its answer begins
    workbook: float = 900.0  # the same, where it writes or reads a workbook first


class HeadLimits(limits.HeadLimits):
    """Refuses heads that are too large, and any `Host` but the names this gateway answers to."""

    def __init__(self, app: App, sizes: Sizes, names: Iterable[str]) -> None:
        super().__init__(app, sizes)
        self.names = frozenset(in_brackets(name.lower()) for name in names)

    def check(self, scope: Scope) -> None:
        super().check(scope)
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or host_name(hosts[0]) not in self.names:
            raise errors.MalformedRequest("There must be one `Host`, and it must be a name of this system.")


@lru_cache(HOSTS)
def host_name(value: bytes) -> str | None:
    found = HOST.fullmatch(value.decode("latin-1"))
    return found[1].lower() if found else None


def in_brackets(name: str) -> str:
    """An IPv6 address as `Host` has it."""
    return f"[{name}]" if ":" in name and not name.startswith("[") else name
