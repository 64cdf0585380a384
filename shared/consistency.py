"""`Consistency-Token`: "show me at least what I wrote".

A token names the last event of each causal chain it covers. The relay publishes a service's events in an order that keeps
causes before effects, so whoever has received an event, and everything before it in the stream, has all that the token covers.
A write replaces its own service's entries by its own event: it was made after them, hence is published after them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from shared import errors
from shared.signing import Signer

HEADER = "Consistency-Token"
PATIENCE_SECONDS = 5.0
MAX_CHAINS = 500


class Arrivals(Protocol):
    """What knows whether events have taken effect here: the consumer."""

    async def wait_for(self, event_ids: Iterable[UUID], timeout: float) -> bool: ...


@dataclass(frozen=True)
class Token:
    """The events covered: (publishing service, event id)."""

    events: frozenset[tuple[str, UUID]] = frozenset()

    def after_write(self, service: str, event: UUID | None) -> "Token":
        """The token of an answer to a write in `service` whose last event was `event` (None: it announced nothing)."""
        if event is None:
            return self
        others = frozenset(entry for entry in self.events if entry[0] != service)
        return Token(others | {(service, event)})

    def joined_by(self, service: str, event: UUID) -> "Token":
        """The same, covering `event` too; unlike a write's, it may be older than what is covered already."""
        return Token(self.events | {(service, event)})

    def foreign_to(self, service: str) -> list[UUID]:
        return [event for publisher, event in self.events if publisher != service]


class Tokens:
    """Reads and writes tokens of this installation."""

    def __init__(self, secret: str) -> None:
        self._signer = Signer(secret, "consistency-token")

    def read(self, header: str | None) -> Token:
        """The sum of the comma-separated tokens in `header`; anything this installation did not give is 400."""
        if header is None:
            return Token()
        events = frozenset(event for part in header.split(",") for event in self._entries(part.strip()))
        if len(events) > MAX_CHAINS:
            raise self._malformed()
        return Token(events)

    def write(self, token: Token) -> str:
        by_service: dict[str, list[str]] = {}
        for service, event in sorted(token.events):
            by_service.setdefault(service, []).append(event.hex)
        return self._signer.sign(by_service)

    def _entries(self, part: str) -> list[tuple[str, UUID]]:
        try:
            content: dict[str, Any] = self._signer.read(part)
        except ValueError as error:
            raise self._malformed() from error
        return [(service, UUID(hex=event)) for service, events in content.items() for event in events]

    @staticmethod
    def _malformed() -> errors.MalformedHeader:
        place = errors.header("unknown_token", "This is no token that an answer of ours carried.", HEADER)
        return errors.MalformedHeader(errors=[place])
