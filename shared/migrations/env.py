"""Alembic's environment: one transaction, over asyncpg, as the owner; then the rights of the application role and its fence."""

import asyncio
from collections.abc import Iterator, Sequence
from hashlib import sha256

from alembic import context
from sqlalchemy import Connection, Table, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.migrations import metadata_of, visibility_of
from shared.permissions.visibility import OWNERS

RIGHTS = """
grant usage on schema public to {role};
grant select, insert, update, delete on all tables in schema public to {role};
grant usage, select on all sequences in schema public to {role};
revoke insert, update, delete on alembic_version from {role};
"""
# what was done stays done: of a table whose `info` says so the application adds rows and never rewrites them, or, where it
# says which, writes some of their columns only
NO_REWRITING = "revoke update, delete, truncate on {table} from {role};"
# how the fence of a table stands, and what it was sealed with when it was put up
STANDS = text(
    """
    select policyname, permissive, roles::text, cmd, qual, with_check, relrowsecurity, relforcerowsecurity
    from pg_class left join pg_policies on tablename = relname and schemaname = current_schema()
    where pg_class.oid = to_regclass(:table) order by policyname
    """
)
SEALED = text(
    """
    select obj_description(oid, 'pg_policy') from pg_policy where polrelid = to_regclass(:table) and polname = :owners
    """
).bindparams(owners=OWNERS)
STAMPING = "grant update ({columns}) on {table} to {role};"


def migrate(connection: Connection) -> None:
    service = context.config.attributes["service"]
    context.configure(
        connection=connection, target_metadata=metadata_of(service), compare_type=True, transaction_per_migration=False
    )
    with context.begin_transaction():
        context.run_migrations()
        if context.config.attributes["bare"]:
            return
        role = f"{service}_app"
        known = bool(connection.execute(text("select 1 from pg_roles where rolname = :role"), {"role": role}).scalar())
        if known:
            grant_rights(connection, f'"{role}"')
        put_up_fence(connection, service, f'"{role}"' if known else "public")


def grant_rights(connection: Connection, role: str) -> None:
    """Elsewhere the role may have another name; then whoever made it grants (docs/operations.md)."""
    rights = RIGHTS + "".join(map(limits_of, kept_tables()))
    for statement in rights.replace("{role}", role).split(";"):
        if statement.strip():
            connection.execute(text(statement))


def put_up_fence(connection: Connection, service: str, role: str) -> None:
    """As the code says, whatever it was. Where it is so already the table is left alone: whoever works on it is not kept
    waiting, nor waited for. Around `public` where the role's name is not known.
    """
    for table, statements in visibility_of(service).fences(role, owner="current_user"):
        if seal_of(connection, table, statements) == connection.scalar(SEALED, {"table": table}):
            continue
        for statement in statements:
            connection.exec_driver_sql(statement)
        seal = seal_of(connection, table, statements)
        connection.exec_driver_sql(f"comment on policy {OWNERS} on {table} is '{seal}'")


def seal_of(connection: Connection, table: str, statements: Sequence[str]) -> str:
    """Of what the code says and of what stands there: neither may have changed."""
    stands = connection.execute(STANDS, {"table": table}).all()
    return sha256(repr((statements, [tuple(row) for row in stands])).encode()).hexdigest()


def kept_tables() -> Iterator[Table]:
    for metadata in metadata_of(context.config.attributes["service"]):
        yield from (table for table in metadata.sorted_tables if table.info.keys() & {"append_only", "stamped_in"})


def limits_of(table: Table) -> str:
    rights = NO_REWRITING.replace("{table}", table.name)
    if columns := table.info.get("stamped_in"):
        rights += STAMPING.replace("{table}", table.name).replace("{columns}", ", ".join(columns))
    return rights


async def run() -> None:
    rest = context.config.attributes["url"].partition("://")[2]
    engine = create_async_engine(f"postgresql+asyncpg://{rest}", poolclass=NullPool)
    async with engine.begin() as connection:
        # two starts at once: the second waits, then finds nothing to do
        await connection.execute(text("select pg_advisory_xact_lock(hashtext('score migrations'))"))
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(run())
