"""Alembic's environment: one transaction, over asyncpg, as the owner; then the rights of the application role."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.migrations import metadata_of

RIGHTS = """
grant usage on schema public to {role};
grant select, insert, update, delete on all tables in schema public to {role};
grant usage, select on all sequences in schema public to {role};
"""
# what was done stays done: the application adds to its history and never rewrites it
APPEND_ONLY = "revoke update, delete, truncate on history from {role}"


def migrate(connection: Connection) -> None:
    service = context.config.attributes["service"]
    context.configure(
        connection=connection, target_metadata=metadata_of(service), compare_type=True, transaction_per_migration=False
    )
    with context.begin_transaction():
        context.run_migrations()
        grant_rights(connection, f"{service}_app")


def grant_rights(connection: Connection, role: str) -> None:
    """Elsewhere the role may have another name; then whoever made it grants (docs/operations.md)."""
    known = connection.execute(text("select 1 from pg_roles where rolname = :role"), {"role": role}).scalar()
    for statement in (RIGHTS + APPEND_ONLY).format(role=f'"{role}"').split(";") if known else ():
        if statement.strip():
            connection.execute(text(statement))


async def run() -> None:
    rest = context.config.attributes["url"].partition("://")[2]
    engine = create_async_engine(f"postgresql+asyncpg://{rest}", poolclass=NullPool)
    async with engine.begin() as connection:
        # two starts at once: the second waits, then finds nothing to do
        await connection.execute(text("select pg_advisory_xact_lock(hashtext('score migrations'))"))
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(run())
