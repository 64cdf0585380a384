"""The thread of a request: who asked, under which id, in which trace. It goes on through events."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from shared.permissions.who import NOBODY_BUT_US, Who


@dataclass(frozen=True)
class Context:
    """`traceparent` is W3C Trace Context, `subject` the principal; each is empty where there is none.

    `who` says whose eyes this is seen with; an event is taken in by the service itself.
    """

    request_id: str = ""
    traceparent: str = ""
    subject: str = ""
    who: Who = NOBODY_BUT_US


NOBODY = Context()
_context: ContextVar[Context] = ContextVar("score_context", default=NOBODY)


def current() -> Context:
    return _context.get()


def set_context(context: Context) -> None:
    _context.set(context)


@contextmanager
def using(context: Context) -> Iterator[None]:
    """`context` within the block, what was before afterwards."""
    token = _context.set(context)
    try:
        yield
    finally:
        _context.reset(token)
