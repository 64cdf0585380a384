from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises import claims
from services.enterprise_svc.enterprises.assessment import assess_by_size, size_of
from services.enterprise_svc.enterprises.countries import follow
from services.enterprise_svc.enterprises.identifiers import written
from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.enterprises.names import searchable
from services.enterprise_svc.enterprises.schemas import (
    AssessEnterprise,
    EnterpriseFacts,
    LeaveProgramme,
    RegisterEnterprise,
    parted,
)
from services.enterprise_svc.enterprises.words import words_of
from services.enterprise_svc.matching.commands import kept_keys, refuse_duplicate
from services.enterprise_svc.matching.likeness.blocking import Sought
from services.enterprise_svc.matching.likeness.facts import Known
from services.enterprise_svc.mergers.models import MergedEnterprise
from shared.changes import changed_in, record
from shared.conditions import IfMatch
from shared.db import refuse_taken_ref
from shared.events.enterprise import (
    EnterpriseActivated,
    EnterpriseAmended,
    EnterpriseAssessed,
    EnterpriseClosed,
    EnterpriseCompleted,
    EnterpriseEnrolled,
    EnterpriseRegistered,
    EnterpriseResumed,
    EnterpriseSuspended,
    EnterpriseWithdrawn,
)
from shared.merge_patch import Patch
from shared.successors import successors_of
from shared.writing import Rows, write

OBJECTS = {"address", "location", "workforce"}
COMPARED = frozenset(Known.__annotations__)  # its names are among what likeness looks at


async def register_enterprise(
    session: AsyncSession, command: RegisterEnterprise, allow_duplicate: bool = False
) -> Enterprise:
    await refuse_taken_ref(session, Enterprise, command.external_ref)
    enterprise = unregistered(command)
    await claims.make_free(session, enterprise.identifiers, enterprise.identifiers)
    sought = Sought.of(enterprise)
    if not allow_duplicate:
        await refuse_duplicate(session, sought)
    await assess_by_size(session, [enterprise])
    claimed = claims.claimed((enterprise.id, identifier) for identifier in enterprise.identifiers)
    besides = [*claimed, *findable([enterprise], {enterprise.id: sought})]
    await record(session, enterprise, EnterpriseRegistered, besides=besides)
    return enterprise


async def keep_findable(
    session: AsyncSession, enterprises: Sequence[Enterprise], sought: Mapping[UUID, Sought]
) -> None:
    """Call it when they are stored, made or amended."""
    if sought:
        await write(session, findable(enterprises, sought))


def findable(enterprises: Sequence[Enterprise], sought: Mapping[UUID, Sought]) -> list[Rows]:
    """What they are found by: by name, and by what looks like it."""
    return [*kept_keys(sought), *words_of(enterprises)]


def unregistered(command: RegisterEnterprise) -> Enterprise:
    return Enterprise.made(**stored(command), identifiers=identifiers_of(command))


async def amend_enterprise(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Enterprise:
    enterprise = await Enterprise.for_change(session, id)
    match.check(enterprise.version)
    command = patch.onto(known_facts(enterprise))
    if command.external_ref != enterprise.external_ref:
        await refuse_taken_ref(session, Enterprise, command.external_ref)
    before, after = enterprise.identifiers, identifiers_of(command)
    news = [identifier for identifier in after if identifier not in before]
    await claims.make_free(session, after, news)
    await claims.release(session, [(id, identifier) for identifier in before if identifier not in after])
    size, country = size_of(enterprise), enterprise.country
    enterprise.sqlmodel_update(stored(command) | {"identifiers": after})
    if size_of(enterprise) != size:
        await assess_by_size(session, [enterprise])
    besides = claims.claimed((id, identifier) for identifier in news)
    if COMPARED & changed_in(enterprise).keys():
        besides += findable([enterprise], {id: Sought.of(enterprise)})
    await record(session, enterprise, EnterpriseAmended, besides=besides)
    if enterprise.country != country:
        await follow(session, [enterprise])
    return enterprise


def known_facts(enterprise: Enterprise) -> RegisterEnterprise:
    facts = {name: getattr(enterprise, name) for name in RegisterEnterprise.model_fields}
    return RegisterEnterprise.model_validate(facts | {"identifiers": parted(enterprise.identifiers)})


def identifiers_of(command: RegisterEnterprise) -> list[str]:
    return [written(identifier.scheme, identifier.value) for identifier in command.identifiers]


def stored(facts: EnterpriseFacts) -> dict[str, Any]:
    """The facts as columns, without the identifiers and what is no fact: objects are JSON."""
    columns = facts.model_dump(exclude={"identifiers", "allow_duplicate"})
    objects = facts.model_dump(mode="json", include=OBJECTS, exclude_none=True)
    names = searchable([facts.legal_name, facts.local_name, *facts.trade_names])
    return columns | dict.fromkeys(OBJECTS) | objects | {"searchable": names}


# --- its way through the programme -----------------------------------------------------------------------------


async def assess_enterprise(session: AsyncSession, id: UUID, match: IfMatch, command: AssessEnterprise) -> Enterprise:
    enterprise = await unchanged_since(session, id, match)
    enterprise.assess(command.eligible, command.reason)
    await record(session, enterprise, EnterpriseAssessed)
    return enterprise


async def enrol_enterprise(session: AsyncSession, id: UUID, match: IfMatch) -> Enterprise:
    enterprise = await unchanged_since(session, id, match)
    enterprise.enrol()
    await record(session, enterprise, EnterpriseEnrolled)
    return enterprise


async def activate_enterprise(session: AsyncSession, id: UUID) -> None:
    """Its first attendance is known; that of one which was merged is its survivor's, too. Any later one, and one of an enterprise
    that is not known, changes nothing.
    """
    ids = {id, *(await successors_of(session, MergedEnterprise, [id])).values()}
    unattended = select(Enterprise).where(col(Enterprise.id).in_(ids), col(Enterprise.attended).is_(False))
    for enterprise in await session.exec(unattended.order_by(col(Enterprise.id)).with_for_update()):
        if enterprise.attend():
            await record(session, enterprise, EnterpriseActivated)


async def suspend_enterprise(session: AsyncSession, id: UUID, match: IfMatch) -> Enterprise:
    enterprise = await unchanged_since(session, id, match)
    enterprise.suspend()
    await record(session, enterprise, EnterpriseSuspended)
    return enterprise


async def resume_enterprise(session: AsyncSession, id: UUID, match: IfMatch) -> Enterprise:
    enterprise = await unchanged_since(session, id, match)
    enterprise.resume()
    await record(session, enterprise, EnterpriseResumed)
    return enterprise


async def complete_enterprise(session: AsyncSession, id: UUID, match: IfMatch) -> Enterprise:
    enterprise = await unchanged_since(session, id, match)
    enterprise.complete()
    await record(session, enterprise, EnterpriseCompleted)
    return enterprise


async def withdraw_enterprise(session: AsyncSession, id: UUID, match: IfMatch, command: LeaveProgramme) -> Enterprise:
    enterprise = await unchanged_since(session, id, match)
    enterprise.withdraw(command.reason)
    await record(session, enterprise, EnterpriseWithdrawn)
    return enterprise


async def close_enterprise(session: AsyncSession, id: UUID, match: IfMatch, command: LeaveProgramme) -> Enterprise:
    enterprise = await unchanged_since(session, id, match)
    enterprise.close(command.reason)
    await record(session, enterprise, EnterpriseClosed)
    return enterprise


async def unchanged_since(session: AsyncSession, id: UUID, match: IfMatch) -> Enterprise:
    """The enterprise, locked, at the version the caller believes in if it said one."""
    enterprise = await Enterprise.for_change(session, id)
    match.check(enterprise.version)
    return enterprise
