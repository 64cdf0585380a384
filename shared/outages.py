"""What a database's failure is to whoever asked: a conflict, nobody's fault and worth another try, or a bug of ours."""

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import errors
from shared.db import OUTSIDE

# what a database that is away, starting, stopping or full makes us see; while connecting, asyncpg's own errors come through
FAILURES = (DBAPIError, PoolTimeout, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
# unique violation (a repeat finds the winner's row and says so), serialization failure, deadlock
REPEATABLE = {"23505", "40001", "40P01"}
# connection, rollback, resources, shutdown and cancelling
# no right at all is our own mistake; a row beyond the fence is the caller's
FENCED = "row-level security"
OUTAGE_STATES = ("08", "40", "53", "57")
log = structlog.get_logger()


class Conflict(errors.Problem):
    code, status, title = "conflict", 409, "Another request was faster"
    explanation = "A value that must be unique was taken meanwhile. Read again, then decide."


def sqlstate(error: BaseException) -> str:
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def may_repeat(error: Exception, committing: bool) -> bool:
    """A definite abort may be repeated; a connection lost while committing may not: it may have been done."""
    if sqlstate(error) in REPEATABLE:
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated and not committing
    return isinstance(error, asyncpg.ConnectionDoesNotExistError) and not committing


def refusal_of(error: Exception, committing: bool = False) -> Exception:
    """409, 403, 503, or the error itself, which nobody foresaw."""
    if sqlstate(error) == "23505":
        return Conflict()
    if sqlstate(error) == "42501" and FENCED in str(getattr(error, "orig", error)):
        return errors.Forbidden(OUTSIDE)
    if not is_outage(error):
        return error
    log.warning("database unavailable", error=type(error).__name__, sqlstate=sqlstate(error))
    done = "It may or may not have been done: repeat it with the same Idempotency-Key, or read first."
    return errors.ServiceUnavailable(done if committing else "The database of this part is not available.")


def is_outage(error: Exception) -> bool:
    if isinstance(error, DBAPIError) and not isinstance(error, InterfaceError):
        return error.connection_invalidated or sqlstate(error).startswith(OUTAGE_STATES)
    return not sqlstate(error) or sqlstate(error).startswith(OUTAGE_STATES)
