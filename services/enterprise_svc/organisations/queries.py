from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, literal, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.organisations.models import Membership, Organisation
from services.enterprise_svc.organisations.schemas import OrganisationIdentifier, OrganisationQuery
from shared.pagination import overlapping, select_matching


def organisations_matching(query: OrganisationQuery) -> Select[Any]:
    members = overlapping(Organisation.member_of, query.member_of)
    return select_matching(Organisation, query, "member_of").where(*members)


async def all_above(session: AsyncSession, id: UUID) -> set[UUID]:
    """The organisation itself, what it is a member of, what that is a member of, and so on."""
    member: Any = Membership
    above = select(literal(id, Uuid).label("id")).cte("above", recursive=True)
    further = select(member.organisation_id).join(above, member.member_id == above.c.id)
    return set((await session.scalars(select(above.union(further).c.id))).all())


async def holder_of(session: AsyncSession, identifier: OrganisationIdentifier, besides: UUID | None) -> UUID | None:
    one: Any = Organisation
    holders = select(one.id).where(one.identifiers.contains([identifier.model_dump()]))
    others = holders.where(one.id != besides) if besides else holders
    return (await session.scalars(others.limit(1))).first()
