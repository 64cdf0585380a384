"""What the progress of a partnership is computed from. It is the same whoever asks, so it is read with the programme's eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Integer, cast, exists, false, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.country_policies.models import CountryPolicy
from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.fees.models import Fee, FeeState
from services.enterprise_svc.nominations.models import Nomination, NominationState
from services.enterprise_svc.nominations.queries import overdue
from services.enterprise_svc.organisations.models import Organisation
from services.enterprise_svc.progress.reckoning import CostShare, Trained
from services.enterprise_svc.read_models.metrics import ObservationView, SavingView
from services.enterprise_svc.read_models.training import AttendanceView, CycleView
from shared.consents import live_now
from shared.db import unfenced
from shared.permissions.who import Who


@dataclass(frozen=True)
class Facts:
    nominated: int
    members: int
    trained: Sequence[Trained]
    fees: Sequence[Fee]
    organisation_ids: set[UUID]  # of the payers: the others are enterprises


async def facts_of(session: AsyncSession, partnership_id: UUID, as_of: date, who: Who) -> Facts:
    """Attendances on or before `as_of`; consents towards whoever asks."""
    async with unfenced(session):
        counts = await nominations(session, partnership_id)
        agreed = await fees(session, partnership_id)
        return Facts(
            nominated=counts.get(NominationState.SENT, 0),
            members=counts.get(NominationState.ACCEPTED, 0),
            trained=await trained(session, partnership_id, as_of, who.organisation_id),
            fees=agreed,
            organisation_ids=await organisations_among(session, {share.payer_id for share in shares_of(agreed)}),
        )


async def nominations(session: AsyncSession, partnership_id: UUID) -> dict[str, int]:
    state = col(Nomination.state)
    here = select(state, func.count().label("number")).where(
        col(Nomination.partnership_id) == partnership_id, ~overdue()
    )
    return {str(row.state): row.number for row in await session.execute(here.group_by(state))}


async def trained(
    session: AsyncSession, partnership_id: UUID, as_of: date, organisation_id: UUID | None
) -> list[Trained]:
    attended = attended_by(partnership_id, as_of)
    enterprise: Any = Enterprise
    columns = (
        enterprise.id,
        attended.c.staff,
        cast(enterprise.workforce["total"].astext, Integer),
        has_reported(),
        col(CountryPolicy.small_cell_threshold),
        agrees(organisation_id),
    )
    rows = select(*columns).join(attended, attended.c.enterprise_id == enterprise.id)
    known = rows.join(CountryPolicy, col(CountryPolicy.country) == enterprise.country)
    return [Trained(*row) for row in await session.execute(known)]


def attended_by(partnership_id: UUID, as_of: date) -> CTE:
    """Each enterprise that attended a cycle of the partnership, with the number of its people who did."""
    attendance, cycle = AttendanceView, CycleView
    persons = func.count(col(attendance.participant_id).distinct()).label("staff")
    met = select(col(attendance.enterprise_id), persons).join(cycle, col(cycle.id) == col(attendance.cycle_id))
    in_scope = met.where(col(cycle.partnership_id) == partnership_id, col(attendance.date) <= as_of)
    return in_scope.group_by(col(attendance.enterprise_id)).cte("attended")


def has_reported() -> ColumnElement[bool]:
    views: list[Any] = [ObservationView, SavingView]
    return or_(*(exists().where(view.enterprise_id == Enterprise.id, view.state == "approved") for view in views))


def agrees(organisation_id: UUID | None) -> ColumnElement[bool]:
    """By any scope: each lets it be counted. Who asks for no organisation asks as the public."""
    grantee = col(Consent.grantee_id)
    to_us = or_(grantee.is_(None), grantee == organisation_id if organisation_id else false())
    return exists().where(col(Consent.enterprise_id) == Enterprise.id, to_us, *live_now(Consent))


async def fees(session: AsyncSession, partnership_id: UUID) -> Sequence[Fee]:
    here = select(Fee).where(col(Fee.partnership_id) == partnership_id, col(Fee.state) == FeeState.AGREED)
    return (await session.scalars(here)).all()


def shares_of(agreed: Sequence[Fee]) -> list[CostShare]:
    return [
        CostShare(UUID(share["payer_id"]), fee.enterprise_id, Decimal(share["amount"]["amount"]))
        for fee in agreed
        for share in fee.shares
    ]


async def organisations_among(session: AsyncSession, ids: set[UUID]) -> set[UUID]:
    return set((await session.scalars(select(col(Organisation.id)).where(col(Organisation.id).in_(ids)))).all())
