"""Visits from a file. Natural key: cycle, enterprise, sequence. A cell left empty says nothing of a visit that is there."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.cycles.row_references import RowReferences
from services.training_svc.trainers.models import Trainer
from services.training_svc.visits.models import Visit, VisitState
from services.training_svc.visits.queries import Key, visits_at
from services.training_svc.visits.schemas import VisitRow
from shared.changes import record_each
from shared.events import Event
from shared.events.training import VisitAmended, VisitDone, VisitProposed
from shared.imports import Importer, Job, Outcome, Rejected, Row, RowError
from shared.imports.refs import REF, TAKEN, Refs, keys_with
from shared.references import resolve

SAID = ("planned_on", "done_on", "report", "trainer_id")


class VisitImporter(Importer[VisitRow]):
    collection, row = "visits", VisitRow

    def key(self, values: VisitRow) -> Hashable:
        return values.cycle_id, values.enterprise_id, values.sequence

    def keys(self, values: VisitRow) -> Iterable[Hashable]:
        return keys_with(self.key(values), values.external_ref)

    async def store(self, session: AsyncSession, rows: Sequence[Row[VisitRow]], job: Job) -> list[Outcome]:
        references = await RowReferences.of(session, rows, job)
        named = {row.values.trainer_id for row in rows if row.values.trainer_id}
        trainers = await resolve(session, Trainer, named, job.by)
        judged = [judge(row.values, references, trainers) for row in rows]
        there = await visits_at(session, [one.key for one in judged if isinstance(one, Visit)])
        diary = Diary(there, await Refs.of(session, Visit, [row.values.external_ref for row in rows], job.by))
        outcomes = [one if isinstance(one, Rejected) else diary.place(one) for one in judged]
        await diary.record(session)
        return outcomes


def judge(values: VisitRow, references: RowReferences, trainers: Mapping[str, UUID]) -> Visit | Rejected:
    """The visit a row tells of, or what is wrong with it."""
    found = references.errors(values)
    if values.trainer_id and values.trainer_id not in trainers:
        found.append(RowError("trainer_id", "unknown_reference", "This names no trainer that you may see."))
    if found:
        return Rejected(found)
    return Visit.made(
        cycle_id=references.cycles[values.cycle_id].id,
        enterprise_id=references.enterprises[values.enterprise_id],
        trainer_id=trainers[values.trainer_id] if values.trainer_id else None,
        sequence=values.sequence,
        planned_on=values.planned_on,
        done_on=values.done_on,
        report=values.report,
        external_ref=values.external_ref,
        state=VisitState.DONE if values.done_on else VisitState.PROPOSED,
    )


class Diary:
    """The visits of a batch: those that are there, and what becomes of them."""

    def __init__(self, there: Mapping[Key, Visit], refs: Refs) -> None:
        self._there, self._refs = dict(there), refs
        self._new: dict[UUID, Visit] = {}
        self._changed: dict[UUID, tuple[Visit, type[Event]]] = {}

    def place(self, told: Visit) -> Outcome:
        visit = self._there.get(told.key)
        if self._refs.taken(told.external_ref, visit):
            return TAKEN
        if visit is None:
            self._there[told.key] = self._new[told.id] = told
            return "created"
        given = {name: value for name in SAID if (value := getattr(told, name)) is not None}
        if self._refs.changed(told.external_ref, visit):
            given[REF] = told.external_ref
        if visit.says(given):
            return "unchanged"
        if not visit.amendable:
            return Rejected.because(None, "wrong_state", f"The visit is {visit.state}; it can't be changed any more.")
        self._supplement(visit, given)
        return "updated"

    def _supplement(self, visit: Visit, given: Mapping[str, Any]) -> None:
        took_place = visit.done_on is None and "done_on" in given
        for name, value in given.items():
            setattr(visit, name, value)
        if took_place:
            visit.take_place(given["done_on"])
        if visit.id not in self._new:
            fact = VisitDone if took_place else VisitAmended
            self._changed.setdefault(visit.id, (visit, fact))

    async def record(self, session: AsyncSession) -> None:
        told = [(visit, VisitDone if visit.done_on else VisitProposed) for visit in self._new.values()]
        await record_each(session, [*told, *self._changed.values()])
