"""Rows of a file that are records of enterprises."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.read_models.models import EnterpriseView
from services.metrics_svc.records.keys import Key
from services.metrics_svc.records.versions import NOT_YOURS, Versioned, key_of, oversteps, store_all
from shared.imports import Job, Outcome, Rejected, RowError
from shared.references import resolve

ENTERPRISE = "enterprise_id"
UNKNOWN = RowError(ENTERPRISE, "unknown_reference", "This names no enterprise that you may see.")
TWICE = RowError(ENTERPRISE, "duplicate_in_file", "Another row says this of the same enterprise, named in another way.")

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
    good = first_of_each(model, [named(row, enterprises) for row, found in zip(rows, told, strict=True) if not found])
    stored = await store_all(session, model, list(good.values()))
    kinds = {key: outcome.kind for key, outcome in zip(good, stored, strict=True)}
    return [outcome_of(model, row, found, enterprises, kinds) for row, found in zip(rows, told, strict=True)]


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
