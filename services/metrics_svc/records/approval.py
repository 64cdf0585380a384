"""Approving many records at once: those of a list of ids, or all that a filter lets through."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.records.versions import RecordState, Versioned, earlier, put_in_state, supersede
from shared.db import count_of, refuse_unknowns

AT_ONCE = 2_000  # what one transaction approves in a second or two


@dataclass(frozen=True)
class Approval:
    """`remaining`: how many more the filter lets through; ask again until it is 0."""

    approved: int
    superseded: int
    skipped: Sequence[UUID]
    remaining: int


async def approve_named(session: AsyncSession, model: type[Versioned], ids: Sequence[UUID]) -> Approval:
    """Approves those of `ids` that are submitted; the others are skipped, so that the request can be repeated."""
    await refuse_unknowns(session, model, ids, "ids")
    approved, superseded = await approve_newest(session, model, await submitted(session, model, col(model.id).in_(ids)))
    done = {version.id for version in approved}
    return Approval(len(approved), superseded, [id for id in dict.fromkeys(ids) if id not in done], 0)


async def approve_matching(
    session: AsyncSession, model: type[Versioned], conditions: Sequence[ColumnElement[bool]]
) -> Approval:
    approved, superseded = await approve_newest(session, model, await submitted(session, model, *conditions))
    left = select(model.id).where(*conditions, col(model.state) == RecordState.SUBMITTED)
    return Approval(len(approved), superseded, [], await count_of(session, left))


async def submitted(
    session: AsyncSession, model: type[Versioned], *conditions: ColumnElement[bool]
) -> Sequence[Versioned]:
    """The oldest that wait for approval, locked."""
    waiting = select(model).where(*conditions, col(model.state) == RecordState.SUBMITTED)
    oldest = waiting.order_by(col(model.created_at), col(model.id)).limit(AT_ONCE).with_for_update()
    return (await session.exec(oldest)).all()


async def approve_newest(
    session: AsyncSession, model: type[Versioned], waiting: Sequence[Versioned]
) -> tuple[list[Versioned], int]:
    """Of several versions of one record the newest is approved; how many older ones that superseded."""
    newest = list({version.key: version for version in sorted(waiting, key=lambda one: one.revision)}.values())
    older = await earlier(session, model, newest)
    await supersede(session, model, older, newest)
    await put_in_state(session, model, newest, RecordState.APPROVED)
    return newest, len(older)
