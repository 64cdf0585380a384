"""Rows of a file that are records of enterprises."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.read_models.models import EnterpriseView
from services.metrics_svc.records.keys import Key
from services.metrics_svc.records.versions import NOT_YOURS, Versioned, key_of, oversteps, store_all
from shared.imports import Job, Outcome, Rejected, RowError
from shared.imports.refs import REF
from shared.references import resolve
from shared.sets import among

ENTERPRISE = "enterprise_id"
UNKNOWN = RowError(ENTERPRISE, "unknown_reference", "This names no enterprise that you may see.")
TWICE = RowError(ENTERPRISE, "duplicate_in_file", "Another row says this of the same enterprise, named in another way.")

TAKEN = RowError(REF, "taken", "You have used this external_ref for another record.")

Values = Mapping[str, Any]


async def store_rows(
    session: AsyncSession,
    model: type[Versioned],
    rows: Sequence[Values],
    faults: Sequence[Sequence[RowError]],
    job: Job,
) -> list[Outcome]:
    """Stores `rows` (columns of `model`, but the enterprise is a reference) that have no `faults`; an outcome for each."""
    enterprises = await resolve(session, EnterpriseView, [row[ENTERPRISE] for row in rows], job.by)
    told = [
        [*found, *unknown(row, enterprises), *overstepping(model, row)] for row, found in zip(rows, faults, strict=True)
    ]
    holders = await holders_of_refs(session, model, rows, job.by)
    told = [found or taken(model, row, enterprises, holders) for row, found in zip(rows, told, strict=True)]
    sent = [named(row, enterprises) for row, found in zip(rows, told, strict=True) if not found]
    good = first_of_each(model, [without_held_ref(row, holders) for row in sent])
    stored = await store_all(session, model, list(good.values()))
    kinds = {key: outcome.kind for key, outcome in zip(good, stored, strict=True)}
    return [outcome_of(model, row, found, enterprises, kinds) for row, found in zip(rows, told, strict=True)]


async def holders_of_refs(
    session: AsyncSession, model: type[Versioned], rows: Sequence[Values], by: str
) -> dict[str, Key]:
    """Which record has each `external_ref` that is sent."""
    refs = {row[REF] for row in rows if row[REF]}
    if not refs:
        return {}
    mine = select(model).where(among(col(model.external_ref), refs), col(model.created_by) == by)
    return {one.external_ref: one.key for one in await session.exec(mine) if one.external_ref}


def taken(
    model: type[Versioned], row: Values, enterprises: Mapping[str, UUID], holders: Mapping[str, Key]
) -> list[RowError]:
    holder = holders.get(row[REF] or "")
    return [] if holder in (None, key_of(model, named(row, enterprises))) else [TAKEN]


def without_held_ref(row: dict[str, Any], holders: Mapping[str, Key]) -> dict[str, Any]:
    """A further version of a record is found by the first one's: only one row may have it."""
    return row | {REF: None} if row[REF] in holders else row


def unknown(row: Values, enterprises: Mapping[str, UUID]) -> list[RowError]:
    return [] if row[ENTERPRISE] in enterprises else [UNKNOWN]


def overstepping(model: type[Versioned], row: Values) -> list[RowError]:
    return [RowError("state", "not_of_role", NOT_YOURS)] if oversteps(model, row) else []


def named(row: Values, enterprises: Mapping[str, UUID]) -> dict[str, Any]:
    return {**row, ENTERPRISE: enterprises[row[ENTERPRISE]]}


def first_of_each(model: type[Versioned], rows: Sequence[dict[str, Any]]) -> dict[Key, dict[str, Any]]:
    """One row of each key: two references may name one enterprise."""
    firsts: dict[Key, dict[str, Any]] = {}
    for row in rows:
        firsts.setdefault(key_of(model, row), row)
    return firsts


def outcome_of(
    model: type[Versioned],
    row: Values,
    faults: Sequence[RowError],
    enterprises: Mapping[str, UUID],
    kinds: dict[Key, Any],
) -> Outcome:
    if faults:
        return Rejected(faults)
    return kinds.pop(key_of(model, named(row, enterprises)), None) or Rejected([TWICE])
