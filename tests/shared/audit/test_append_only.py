"""What was written of a change stays as it is: for the application by right, for everybody else by a trigger."""

from itertools import product

import asyncpg
import pytest

from tests.shared.audit.conftest import Ledger

REWRITING = [
    "update {} set {} = {}",
    "delete from {}",
    "truncate {}",
]
TABLES = [("history", "version"), ("history_seals", "history_id")]


@pytest.mark.parametrize("role", ["metrics_app", "metrics_owner", "postgres"])
async def test_nobody_rewrites(ledger: Ledger, role: str) -> None:
    await ledger.change()
    await ledger.seal()
    connection = await asyncpg.connect(ledger.url(role))
    for rewriting, (table, column) in product(REWRITING, TABLES):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(rewriting.format(table, column, column))
    await connection.close()
    for table, _ in TABLES:
        assert await ledger.superuser.fetchval(f"select count(*) from {table}") == 1


async def test_the_application_cannot_take_the_trigger_away(ledger: Ledger) -> None:
    connection = await asyncpg.connect(ledger.url())
    for statement in ("alter table history disable trigger all", "set session_replication_role = replica"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()
