"""Which attendances a table is about."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from services.metrics_svc.read_models.models import (
    AttendanceView,
    CycleView,
    EnterpriseView,
    ModuleView,
    OrganisationView,
    PartnershipView,
    PhaseView,
    SupplyLinkView,
    VisitView,
)
from services.metrics_svc.results.schemas import ResultsQuery
from shared import errors

Conditions = list[ColumnElement[bool]]
DONE = ("done", "reported", "approved")


async def refuse_unknown(connection: AsyncConnection, query: ResultsQuery) -> None:
    """422 that names each parameter that names nothing."""
    named = {
        "phase_id": (col(PhaseView.id), query.phase_id),
        "partnership_id": (col(PartnershipView.id), query.partnership_id),
        "buyer_id": (col(OrganisationView.id), query.buyer_id),
        "enterprise_id": (col(EnterpriseView.id), query.enterprise_id),
        "module": (col(ModuleView.code), query.module),
    }
    unknown = [name for name, (column, value) in named.items() if not await is_known(connection, column, value)]
    if unknown:
        raise errors.UnknownReference(errors=[unknown_place(name) for name in unknown])


async def is_known(connection: AsyncConnection, column: Any, value: UUID | str | None) -> bool:
    return value is None or bool(await connection.scalar(select(exists().where(column == value))))


def unknown_place(name: str) -> errors.Place:
    return errors.parameter("unknown_reference", "This names nothing that you may see.", name)


def attendances(query: ResultsQuery, as_of: date, *columns: Any) -> Select[Any]:
    """`columns` of the attendances in scope on or before `as_of`. Those of a merged duplicate are its survivor's."""
    return met(AttendanceView, columns).where(col(AttendanceView.date) <= as_of, *conditions(query, as_of))


def visits(query: ResultsQuery, as_of: date, *columns: Any) -> Select[Any]:
    """`columns` of the visits in scope done on or before `as_of`."""
    done = col(VisitView.state).in_(DONE), col(VisitView.done_on) <= as_of
    return met(VisitView, columns).where(*done, *conditions(query, as_of))


def met(view: type[AttendanceView | VisitView], columns: Sequence[Any]) -> Select[Any]:
    """What is known of all three: a row whose enterprise or cycle has not arrived yet is not there yet."""
    return (
        select(*columns)
        .select_from(view)
        .join(EnterpriseView, col(EnterpriseView.id) == view.enterprise_id)
        .join(CycleView, col(CycleView.id) == view.cycle_id)
    )


def conditions(query: ResultsQuery, as_of: date) -> Conditions:
    """On the enterprise and the cycle, together."""
    equal = {
        EnterpriseView.country: query.country,
        EnterpriseView.id: query.enterprise_id,
        CycleView.phase_id: query.phase_id,
        CycleView.partnership_id: query.partnership_id,
        CycleView.module: query.module,
    }
    found: Conditions = [col(column) == value for column, value in equal.items() if value is not None]
    if query.isic is not None:
        found.append(col(EnterpriseView.isic).startswith(query.isic))
    if query.buyer_id is not None:
        found.append(or_(supplies(query.buyer_id, as_of), is_party_of_the_cycle(query.buyer_id)))
    return found


def supplies(buyer_id: UUID, as_of: date) -> ColumnElement[bool]:
    link = SupplyLinkView
    until = or_(col(link.until).is_(None), col(link.until) >= as_of)
    of_both = col(link.enterprise_id) == EnterpriseView.id, col(link.buyer_id) == buyer_id
    return exists().where(*of_both, col(link.confirmed), col(link.since) <= as_of, until)


def is_party_of_the_cycle(buyer_id: UUID) -> ColumnElement[bool]:
    having = col(PartnershipView.parties).contains([{"organisation_id": str(buyer_id)}])
    return col(CycleView.partnership_id).in_(select(col(PartnershipView.id)).where(having))
