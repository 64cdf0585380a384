"""Holds the history against its seals and names the first entry that is not what was sealed."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.audit import chain
from shared.audit.chain import Head
from shared.db import telling
from shared.permissions.who import NOBODY_BUT_US
from shared.tables import history, history_seals

LATE = timedelta(minutes=1)
BACKDATED = timedelta(hours=1)
PATIENCE_SECONDS = 3.0  # a long transaction that ended just now is sealed by then
SHOWN = 20
STEPS = 1_000


@dataclass
class Report:
    """`wrong`: what proves that somebody was at it, the first bad entry first; `notes`: what an auditor may want to look at."""

    head: Head
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def verify(engine: AsyncEngine, service: str, heads: Sequence[Head] = ()) -> Report:
    """The chain, then the order of versions, then what has no seal. `heads`: as the log told them."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        async with connection.begin():
            await connection.exec_driver_sql(*telling(NOBODY_BUT_US))
            report = await chain_of(connection, service, {head.seq: head for head in heads})
            report.wrong += await leaps(connection)
            report.notes += await backdated(connection)
            late = await unsealed(connection)
    report.wrong += await still_unsealed(engine, late) if late else []
    return report


# --- the chain -------------------------------------------------------------------------------------------------


async def chain_of(connection: AsyncConnection, service: str, heads: Mapping[int, Head]) -> Report:
    """Up to the first bad entry: behind it nothing is proved."""
    report, good = Report(Head(service, 0, chain.FIRST)), 0
    async for row in seals(connection):
        if fault := fault_of(report.head, row):
            report.wrong.append(fault)
            break
        report.head = Head(service, row["seq"], row["hash"])
        told = heads.get(row["seq"])
        if told and told.hash != row["hash"]:
            report.wrong.append(
                f"seq {good + 1} to {told.seq}: rewritten, seals and all; the head told then is another."
            )
            break
        good = told.seq if told else good
    else:
        report.wrong += cut_off(report.head, heads.values())
    return report


async def seals(connection: AsyncConnection) -> AsyncIterator[RowMapping]:
    joined = history_seals.outerjoin(history, history.c.id == history_seals.c.history_id)
    columns = (history_seals.c.seq, history_seals.c.history_id, history_seals.c.hash, history_seals.c.sealed_at)
    wanted = select(*columns, *chain.columns()).select_from(joined).order_by(history_seals.c.seq)
    async for row in await connection.stream(wanted.execution_options(yield_per=STEPS)):
        yield row._mapping


def fault_of(head: Head, row: RowMapping) -> str | None:
    """What is wrong with the seal that follows `head`."""
    if row["seq"] != head.seq + 1:
        return f"seq {head.seq + 1}: the seal was removed; the next one there is seq {row['seq']}."
    if row["id"] is None:
        return f"seq {row['seq']}: history row {row['history_id']} was removed."
    if chain.link(head.hash, row["seq"], row["sealed_at"], row) != row["hash"]:
        return f"seq {row['seq']}: {named(row)} is not what was sealed here: edited, exchanged or slipped in."
    return None


def cut_off(head: Head, told: Iterable[Head]) -> list[str]:
    last = max((one.seq for one in told), default=0)
    if last <= head.seq:
        return []
    return [f"seq {head.seq + 1}: the tail was cut off; the chain had come to seq {last} when its head was told."]


def named(row: RowMapping) -> str:
    return f"history row {row['id']} ({row['aggregate']} {row['aggregate_id']}, version {row['version']})"


# --- beside the chain ------------------------------------------------------------------------------------------


async def leaps(connection: AsyncConnection) -> list[str]:
    """Each change of an aggregate follows the one before it: what was slipped in has no number that is free."""
    before = func.lag(history.c.version).over(partition_by=history.c.aggregate_id, order_by=history_seals.c.seq)
    joined = history_seals.join(history, history.c.id == history_seals.c.history_id)
    told = (history_seals.c.seq, *(history.c[name] for name in ("id", "aggregate", "aggregate_id", "version")))
    steps = select(*told, before.label("before")).select_from(joined).subquery()
    leap = select(steps).where(steps.c.version != steps.c.before + 1).order_by(steps.c.seq).limit(1)
    return [
        f"seq {row['seq']}: {named(row)} follows version {row['before']}: something was slipped in or left out."
        for row in (await connection.execute(leap)).mappings()
    ]


async def backdated(connection: AsyncConnection) -> list[str]:
    """Legitimate after an outage of the sealer; otherwise somebody wrote into the past."""
    joined = history_seals.join(history, history.c.id == history_seals.c.history_id)
    late = history_seals.c.sealed_at - history.c.at > BACKDATED
    found = select(func.count(), func.min(history_seals.c.seq)).select_from(joined).where(late)
    count, first = (await connection.execute(found)).one()
    return [f"{count} were sealed more than an hour after they say they happened, the first is seq {first}."] * bool(
        count
    )


async def unsealed(connection: AsyncConnection) -> list[int]:
    """Ids of rows that say they are older than a minute and have no seal."""
    seal = exists().where(history_seals.c.history_id == history.c.id)
    old = select(history.c.id).where(history.c.at < func.now() - LATE, ~seal).order_by(history.c.id).limit(SHOWN)
    return list((await connection.execute(old)).scalars())


async def still_unsealed(engine: AsyncEngine, ids: Sequence[int]) -> list[str]:
    await asyncio.sleep(PATIENCE_SECONDS)
    seal = exists().where(history_seals.c.history_id == history.c.id)
    wanted: Any = select(history).where(history.c.id.in_(ids), ~seal).order_by(history.c.id)
    async with engine.connect() as connection:
        await connection.exec_driver_sql(*telling(NOBODY_BUT_US))
        rows = (await connection.execute(wanted)).mappings().all()
    return [f"unsealed: {named(row)} is older than a minute and was never sealed." for row in rows]
