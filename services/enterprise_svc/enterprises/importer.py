from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises import claims
from services.enterprise_svc.enterprises.assessment import assess_by_size, size_of
from services.enterprise_svc.enterprises.commands import keep_findable, stored
from services.enterprise_svc.enterprises.countries import follow
from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.enterprises.names import searchable
from services.enterprise_svc.enterprises.schemas import EnterpriseRow
from services.enterprise_svc.matching.commands import Newcomers
from services.enterprise_svc.matching.crowds import begin_to_compare, leave_out, refuse_twins
from services.enterprise_svc.matching.likeness.blocking import Sought
from services.enterprise_svc.matching.queries import candidates_for_each
from services.enterprise_svc.matching.schemas import Candidate, YesOrNo
from services.enterprise_svc.mergers.models import MergedEnterprise
from shared.changes import Fact, record_each
from shared.events.enterprise import EnterpriseAmended, EnterpriseRegistered
from shared.imports import Importer, Job, Outcome, Rejected, Row
from shared.imports.importer import ImportQuery
from shared.sets import among
from shared.successors import successors_of

Name = tuple[str, str, str | None]  # legal name, country, city
OTHERS = "Its identifiers belong to another enterprise than the one with this id."


class EnterpriseImportQuery(ImportQuery):
    """`allow_duplicate` for all rows; a column of that name for one."""

    allow_duplicate: YesOrNo | None = None


class EnterpriseImporter(Importer[EnterpriseRow]):
    """The natural key is any identifier, else `external_ref`, else legal name, country and city."""

    collection, row, query = "enterprises", EnterpriseRow, EnterpriseImportQuery

    def key(self, values: EnterpriseRow) -> Hashable:
        return next(iter(self.keys(values)))

    def keys(self, values: EnterpriseRow) -> Iterable[Hashable]:
        numbers = [*values.written_identifiers().values()]
        refs = [("external_ref", values.external_ref)] if values.external_ref else []
        return [*numbers, *refs] or [name_of(values)]

    async def as_rows(
        self, session: AsyncSession, resources: Sequence[Any], answers: Sequence[dict[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        return [answer | {"identifiers": by_scheme(answer["identifiers"])} for answer in answers]

    async def store(self, session: AsyncSession, rows: Sequence[Row[EnterpriseRow]], job: Job) -> list[Outcome]:
        known = await look_up(session, rows, job.by)
        batch = Batch(known, job.by, await self._likes(session, rows, known, job))
        outcomes = [batch.take(row) for row in rows]
        await claims.release(session, batch.released)
        await assess_by_size(session, [*batch.made, *batch.resized])
        await record_each(session, batch.told())
        await follow(session, batch.moved)
        await claims.claim(session, batch.claimed)
        await keep_findable(session, [*batch.made, *batch.amended], batch.sought())
        leave_out(session, batch.others)
        return outcomes

    async def conclude(self, session: AsyncSession) -> None:
        await refuse_twins(session)

    async def _likes(
        self, session: AsyncSession, rows: Sequence[Row[EnterpriseRow]], known: "Known", job: Job
    ) -> "dict[int, Like]":
        """What new rows look like, by their numbers; nothing of those that are said to be others."""
        if job.options.get("allow_duplicate") == "true":
            return {}
        newcomers = [row for row in rows if known.meant_by(row.values, row.id) is None]
        if not newcomers:
            return {}
        await begin_to_compare(session)
        doubtful = [row for row in newcomers if not row.values.allow_duplicate]
        made = [made_of(row.values, job.by) for row in doubtful]
        sought = [Sought.of(one) for one in made]
        found = await candidates_for_each(session, sought)
        likes = map(Like, made, sought, found)
        return {row.number: like for row, like in zip(doubtful, likes, strict=True)}


def by_scheme(identifiers: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {one["scheme"]: one["value"] for one in identifiers}


def name_of(row: EnterpriseRow) -> Name:
    return row.legal_name, row.country, row.address.city if row.address else None


# --- what is there already -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """Those enterprises of the registry that rows of a batch may mean, locked."""

    by_identifier: dict[str, UUID]
    by_ref: dict[str, UUID]
    by_name: dict[Name, list[UUID]]
    enterprises: dict[UUID, Enterprise]

    def meant_by(self, row: EnterpriseRow, id: UUID | None) -> Enterprise | Rejected | None:
        """`id`: of an export that is sent back; one that is not known here means nothing."""
        numbers = row.written_identifiers().values()
        holders = {self.by_identifier[one] for one in numbers if one in self.by_identifier}
        mine = self.by_ref.get(row.external_ref) if row.external_ref else None
        if named := self.enterprises.get(id) if id else None:
            others = holders - {named.id}
            return Rejected.because("id", "identifiers_disagree", OTHERS) if others else named
        if len(holders) > 1:
            return Rejected.because(None, "identifiers_disagree", "Its identifiers belong to different enterprises.")
        if holders and mine and mine not in holders:
            return Rejected.because("external_ref", "taken", "You have used this external_ref for another enterprise.")
        if holders or mine:
            return self.enterprises.get(mine or holders.pop()) or Rejected.because(
                "identifiers", "taken", "Another enterprise has one of its identifiers."
            )
        return None if row.external_ref or numbers else self.named_like(row)

    def named_like(self, row: EnterpriseRow) -> Enterprise | Rejected | None:
        found = self.by_name.get(name_of(row), [])
        if len(found) > 1:
            return Rejected.because("legal_name", "ambiguous", "Several enterprises have this name, country and city.")
        return self.enterprises[found[0]] if found else None


async def look_up(session: AsyncSession, sent: Sequence[Row[EnterpriseRow]], by: str) -> Known:
    """Four statements, however many rows."""
    rows = [row.values for row in sent]
    numbers = [one for row in rows for one in row.written_identifiers().values()]
    by_identifier = await claims.holders_of(session, numbers)
    by_ref = await holders_of_refs(session, [row.external_ref for row in rows if row.external_ref], by)
    by_name = await holders_of_names(session, rows)
    by_identifier, by_ref, by_name = await as_read_now(session, by_identifier, by_ref, by_name)
    ids = {*by_identifier.values(), *by_ref.values(), *(id for found in by_name.values() for id in found)}
    ids |= {row.id for row in sent if row.id}
    locked = select(Enterprise).where(among(col(Enterprise.id), ids)).order_by(col(Enterprise.id)).with_for_update()
    return Known(by_identifier, by_ref, by_name, {one.id: one for one in await session.exec(locked)})


async def as_read_now(
    session: AsyncSession, by_identifier: dict[str, UUID], by_ref: dict[str, UUID], by_name: dict[Name, list[UUID]]
) -> tuple[dict[str, UUID], dict[str, UUID], dict[Name, list[UUID]]]:
    """Who was merged is meant as what it is read as."""
    told = {*by_identifier.values(), *by_ref.values(), *(id for found in by_name.values() for id in found)}
    homes = await successors_of(session, MergedEnterprise, told)
    return (
        {number: homes.get(id, id) for number, id in by_identifier.items()},
        {ref: homes.get(id, id) for ref, id in by_ref.items()},
        {name: list(dict.fromkeys(homes.get(id, id) for id in found)) for name, found in by_name.items()},
    )


async def holders_of_refs(session: AsyncSession, refs: Sequence[str], by: str) -> dict[str, UUID]:
    mine = select(Enterprise.external_ref, Enterprise.id).where(
        among(col(Enterprise.external_ref), refs), Enterprise.created_by == by
    )
    return {ref: id for ref, id in await session.exec(mine) if ref}


async def holders_of_names(session: AsyncSession, rows: Sequence[EnterpriseRow]) -> dict[Name, list[UUID]]:
    names = {row.legal_name for row in rows if not row.written_identifiers() and not row.external_ref}
    columns: Any = (Enterprise.legal_name, Enterprise.country, Enterprise.address, Enterprise.id)
    found: dict[Name, list[UUID]] = {}
    for name, country, address, id in await session.exec(
        select(*columns).where(among(col(Enterprise.legal_name), names))
    ):
        found.setdefault((name, country, (address or {}).get("city")), []).append(id)
    return found


# --- what looks like another -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Like:
    """What a row would make, as it is compared, and those of the registry it may be."""

    enterprise: Enterprise
    sought: Sought
    candidates: Sequence[Candidate] = ()


def made_of(row: EnterpriseRow, by: str) -> Enterprise:
    return Enterprise.made(**stored(row), identifiers=list(row.written_identifiers().values()), created_by=by)


def in_words(candidate: Candidate) -> str:
    why = " ".join(reason.detail for reason in candidate.reasons)
    return (
        f"It may be the enterprise {candidate.enterprise_id} (score {candidate.score}). {why} If it is another, say so: "
        "allow_duplicate = yes."
    )


# --- what becomes of a row -------------------------------------------------------------------------------------


class Batch:
    """The rows of a batch, taken one after the other; what is to be written afterwards."""

    def __init__(self, known: Known, by: str, likes: Mapping[int, Like]) -> None:
        self.known, self.by, self.likes = known, by, likes
        self.newcomers = Newcomers()
        self.made: list[Enterprise] = []
        self.others: list[UUID] = []  # of those made: what they are like does not matter
        self.amended: list[Enterprise] = []
        self.resized: list[Enterprise] = []
        self.moved: list[Enterprise] = []
        self.claimed: list[claims.Claim] = []
        self.released: list[claims.Claim] = []
        self._sought: dict[UUID, Sought] = {}
        self._rows: dict[UUID, int] = {}

    def told(self) -> list[Fact]:
        return [(one, EnterpriseAmended) for one in self.amended] + [(one, EnterpriseRegistered) for one in self.made]

    def sought(self) -> dict[UUID, Sought]:
        """How those are found that were made or amended."""
        return self._sought | {one.id: Sought.of(one) for one in self.amended}

    def take(self, row: Row[EnterpriseRow]) -> Outcome:
        meant = self.known.meant_by(row.values, row.id)
        if isinstance(meant, Rejected):
            return meant
        if meant is None:
            return self._make_unless_like_another(row)
        if (first := self._rows.setdefault(meant.id, row.number)) != row.number:
            return Rejected.because(None, "duplicate_in_file", f"Row {first} is the same enterprise.")
        return self._amend(meant, row.values)

    def _make_unless_like_another(self, row: Row[EnterpriseRow]) -> Outcome:
        like = self.likes.get(row.number)
        if like and (candidates := [*like.candidates, *self.newcomers.like(like.sought)]):
            return Rejected.because(None, "possible_duplicate", in_words(candidates[0]))
        self._make(like or self._said_to_be_another(row.values))
        return "created"

    def _said_to_be_another(self, row: EnterpriseRow) -> Like:
        enterprise = made_of(row, self.by)
        self.others.append(enterprise.id)
        return Like(enterprise, Sought.of(enterprise))

    def _make(self, like: Like) -> None:
        enterprise = like.enterprise
        self.newcomers.add(enterprise.id, like.sought)
        self.made.append(enterprise)
        self.claimed += [(enterprise.id, number) for number in enterprise.identifiers]
        self._sought[enterprise.id] = like.sought

    def _amend(self, enterprise: Enterprise, row: EnterpriseRow) -> Outcome:
        changes = changes_by(row, enterprise)
        if enterprise.created_by != self.by:
            changes.pop("external_ref", None)
        if not changes:
            return "unchanged"
        before, after = set(enterprise.identifiers), set(changes.get("identifiers", enterprise.identifiers))
        self.released += [(enterprise.id, number) for number in sorted(before - after)]
        self.claimed += [(enterprise.id, number) for number in sorted(after - before)]
        size = size_of(enterprise)
        enterprise.sqlmodel_update(changes)
        self.amended.append(enterprise)
        if "country" in changes:
            self.moved.append(enterprise)
        if size_of(enterprise) != size:
            self.resized.append(enterprise)
        return "updated"


def changes_by(row: EnterpriseRow, enterprise: Enterprise) -> dict[str, Any]:
    """The columns that change. What a row leaves out stays; an `external_ref` is changed only by whom it belongs to."""
    given = {name for name in row.model_fields_set if getattr(row, name) is not None}
    values = {name: value for name, value in stored(row).items() if name in given}
    if "address" in given:
        values["address"] = {**(enterprise.address or {}), **values["address"]}
    if "identifiers" in given:
        values["identifiers"] = merged(enterprise.identifiers, row.written_identifiers())
    changes = {name: value for name, value in values.items() if value != getattr(enterprise, name)}
    return changes | names_after(enterprise, changes)


def merged(present: Sequence[str], news: dict[str, str]) -> list[str]:
    by_scheme = {identifier.partition(":")[0]: identifier for identifier in present}
    return list((by_scheme | news).values())


def names_after(enterprise: Enterprise, changes: dict[str, Any]) -> dict[str, Any]:
    """`searchable`, when a name changes."""
    names = {name: getattr(enterprise, name) for name in ("legal_name", "local_name", "trade_names")}
    if not names.keys() & changes.keys():
        return {}
    after = names | {name: changes[name] for name in names.keys() & changes.keys()}
    return {"searchable": searchable([after["legal_name"], after["local_name"], *after["trade_names"]])}
