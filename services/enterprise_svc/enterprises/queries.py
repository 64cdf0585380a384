from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Text, false, func, literal, literal_column, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.models import WORDS, Enterprise, IdentifierClaim
from services.enterprise_svc.enterprises.names import fragments_of
from services.enterprise_svc.enterprises.schemas import EnterpriseQuery, known_identifier
from services.enterprise_svc.enterprises.words import meant_by, prepare_search
from services.enterprise_svc.mergers.models import MergedEnterprise
from services.enterprise_svc.nominations.queries import members_of
from services.enterprise_svc.supply_links.queries import suppliers_today
from shared.pagination import IN_ITS_TRANSACTION, select_matching, terms, told_of_references
from shared.tables import history

SPECIAL = ("isic", "q", "buyer_id", "partnership_id", "identifier", "had_identifier")


async def enterprises_matching(session: AsyncSession, query: EnterpriseQuery) -> Select[Any]:
    """Those that were merged are found as what they are read as now: by their identifiers and by what clients call them."""
    names = await named_like(session, query.q) if query.q else []
    plain_query = query.model_copy(update={"external_ref": None})
    present = select_matching(Enterprise, plain_query, *SPECIAL).where(col(Enterprise.merged_into).is_(None))
    found = present.where(*conditions(query), *names)
    return found.execution_options(**{IN_ITS_TRANSACTION: True}) if names else found


async def named_like(session: AsyncSession, question: str) -> list[ColumnElement[bool]]:
    """Each word of the question is a part of a name, or with a letter wrong a word of it, in whatever order."""
    searchable: Any = Enterprise.searchable
    fragments = fragments_of(question)
    await prepare_search(session)
    found: list[ColumnElement[bool]] = [] if fragments else [false()]
    for fragment in fragments:
        as_written = [searchable.like(pattern) for pattern in fragment.patterns]
        meant = await meant_by(session, fragment)
        found.append(or_(*as_written, *([has_one_of(meant)] if meant else [])))
    return found


def has_one_of(words: Sequence[str]) -> ColumnElement[bool]:
    has: ColumnElement[bool] = literal_column(WORDS).op("&&")(literal(list(words), ARRAY(Text)))
    return has


def conditions(query: EnterpriseQuery) -> list[ColumnElement[bool]]:
    columns: Any = Enterprise
    found: list[ColumnElement[bool]] = []
    if query.isic:
        found.append(or_(*map(of_activity, terms(query.isic))))
    if query.buyer_id:
        found.append(columns.id.in_(suppliers_today([UUID(id) for id in terms(query.buyer_id)])))
    if query.partnership_id:
        found.append(columns.id.in_(members_of([UUID(id) for id in terms(query.partnership_id)])))
    if query.identifier:
        found.append(
            known_by(lambda one: [one.identifiers.overlap([known_identifier(n) for n in terms(query.identifier)])])
        )
    if query.had_identifier:
        wanted = [known_identifier(one) for one in terms(query.had_identifier)]
        held = select(col(IdentifierClaim.enterprise_id)).where(col(IdentifierClaim.identifier).in_(wanted))
        found.append(known_by(lambda one: [one.id.in_(held)]))
    if query.external_ref:
        found.append(known_by(lambda one: [one.external_ref == query.external_ref, *told_of_references(one)]))
    return found


def of_activity(digits: str) -> ColumnElement[bool]:
    """A class and a division have indexes in the orders of lists."""
    columns: Any = Enterprise
    if len(digits) == 4:
        return columns.isic == digits  # type: ignore[no-any-return]
    if len(digits) == 2:
        return func.left(columns.isic, literal_column("2")) == digits
    return columns.isic.startswith(digits)  # type: ignore[no-any-return]


def known_by(told: Callable[[Any], list[ColumnElement[bool]]]) -> ColumnElement[bool]:
    """Itself or one merged into it: first who it is, by the index, then what that is read as."""
    one: Any = aliased(Enterprise)
    merged: Any = MergedEnterprise
    read_as = select(func.coalesce(merged.successor_id, one.id)).select_from(one).outerjoin(merged, merged.id == one.id)
    column: Any = Enterprise.id
    return column.in_(read_as.where(*told(one)))  # type: ignore[no-any-return]


def changes_of(enterprise_id: UUID) -> Select[Any]:
    """Every change of it and of those merged into it, whoever made it."""
    names = ("id", "aggregate_id", "version", "at", "by", "request_id", "changes")
    merged: Any = MergedEnterprise
    family = select(merged.id).where(merged.successor_id == enterprise_id)
    own, theirs = history.c.aggregate_id == enterprise_id, history.c.aggregate_id.in_(family)
    return select(*(history.c[name] for name in names)).where(or_(own, theirs))
