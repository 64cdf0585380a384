"""Somebody has got hold of one service's own keys: its role in the database, its user at the broker, the files of the home."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator

import asyncpg
import nats
import pytest

from tests.conftest import System
from tests.traces import DATABASES, run

REFUSED = (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidCatalogNameError)
NOT_ITS_OWN = [
    "update history set by = 'somebody else'",
    "delete from history",
    "truncate history",
    "update history_seals set hash = hash",
    "delete from history_seals",
    "alter table history disable trigger all",
    "alter table history no force row level security",
    "update alembic_version set version_num = version_num",
    "delete from alembic_version",
    "create table mine (a int)",
    "create temporary table mine (a int)",
    "create function mine() returns int language sql as 'select 1'",
    "create extension dblink",
    "copy history to '/dev/null'",
    "copy history from program 'true'",
    "select pg_read_file('/etc/hostname')",
    "select rolpassword from pg_authid",
    "set role postgres",
    "set session authorization postgres",
    "alter role current_user superuser",
    "alter system set work_mem = '1GB'",
]
LEDGER = ["update consents set scope = 'case_study'", "delete from consents", "truncate consents"]


@pytest.fixture
async def as_the_application(system: System) -> AsyncIterator["dict[str, asyncpg.Connection[asyncpg.Record]]"]:
    connections = {service: await asyncpg.connect(system.database_url(service)) for service in DATABASES}
    yield connections
    for connection in connections.values():
        await connection.close()


@pytest.mark.parametrize("service", DATABASES)
async def test_an_applications_role_may_do_nothing_but_its_work(
    as_the_application: "dict[str, asyncpg.Connection[asyncpg.Record]]", service: str
) -> None:
    connection = as_the_application[service]
    for statement in NOT_ITS_OWN + (LEDGER if service == "enterprise" else []):
        with pytest.raises(REFUSED):
            await connection.execute(statement)


@pytest.mark.parametrize("service", DATABASES)
async def test_it_enters_no_other_database(system: System, service: str) -> None:
    own = system.database_url(service)
    for other in {*(f"score_{name}" for name in DATABASES), "postgres", "template1"} - {f"score_{service}"}:
        with pytest.raises(REFUSED):
            await asyncpg.connect(own.replace(f"/score_{service}", f"/{other}"))


async def test_the_fence_can_not_be_switched_off(
    as_the_application: "dict[str, asyncpg.Connection[asyncpg.Record]]",
) -> None:
    """Whose eyes it looks with the role can say; that it looks with nobody's it can't."""
    connection = as_the_application["enterprise"]
    assert await connection.fetchval("select count(*) from enterprises") == 0
    await connection.execute("set row_security = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.fetchval("select count(*) from enterprises")


async def test_a_services_user_speaks_and_hears_at_the_broker_for_itself_alone(system: System) -> None:
    secrets, running = run(system)
    heard: list[str] = []

    async def on_error(error: Exception) -> None:
        heard.append(str(error).lower())

    broker = await nats.connect(
        f"nats://127.0.0.1:{running['ports']['nats']}",
        user="enterprise",
        password=secrets["nats_enterprise"],
        inbox_prefix=b"_INBOX_enterprise",
        error_cb=on_error,
    )
    spoken = ["score.training.cycle.closed.v1", "score.metrics.saving.approved.v1", "$JS.API.STREAM.PURGE.SCORE"]
    spoken += ["$JS.API.CONSUMER.MSG.NEXT.SCORE.training", "$JS.ACK.SCORE.training.1.1.1.1.1", "$SYS.REQ.SERVER.PING"]
    listened = ["score.>", "_INBOX_training.>", "$JS.EVENT.ADVISORY.>", ">"]
    for subject in spoken:
        await broker.publish(subject, b"{}")
    for subject in listened:
        await broker.subscribe(subject)
    await broker.flush()
    for _ in range(100):
        if len(heard) >= len(spoken + listened):
            break
        await asyncio.sleep(0.02)
    await broker.close()
    forbidden = [f'for publish to "{one}"'.lower() for one in spoken]
    forbidden += [f'for subscription to "{one}"'.lower() for one in listened]
    assert [one for one in forbidden if not any(one in error for error in heard)] == []


def test_nobody_else_on_the_machine_reads_the_home(system: System) -> None:
    """What is made by others' umask, too: nothing in it is anybody's but the owner's."""
    open_to_others = [
        path
        for folder, folders, files in os.walk(system.home)
        for path in (os.path.join(folder, name) for name in [*folders, *files])
        if "up.log" not in path and not os.path.islink(path) and os.path.exists(path)
        if stat.S_IMODE(os.stat(path).st_mode) & 0o077
    ]
    assert open_to_others == []
