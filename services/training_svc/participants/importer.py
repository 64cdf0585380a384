"""Participants from a file. Natural key: enterprise and reference."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.participants.models import Participant
from services.training_svc.participants.queries import participants_named
from services.training_svc.participants.roster import Roster
from services.training_svc.participants.schemas import ParticipantRow
from services.training_svc.read_models.registry import EnterpriseView
from shared.changes import Fact, record_each
from shared.events.training import ParticipantAmended, ParticipantRegistered
from shared.imports import Importer, Job, Outcome, Rejected, Row
from shared.imports.refs import REF, TAKEN, Refs, keys_with
from shared.references import resolve

UNKNOWN = Rejected.because("enterprise_id", "unknown_reference", "This names no enterprise that you may see.")


class ParticipantImporter(Importer[ParticipantRow]):
    collection, row = "participants", ParticipantRow
    personal_columns = frozenset({"reference", REF})

    def key(self, values: ParticipantRow) -> Hashable:
        return values.enterprise_id, values.reference

    def keys(self, values: ParticipantRow) -> Iterable[Hashable]:
        return keys_with(self.key(values), values.external_ref)

    async def store(self, session: AsyncSession, rows: Sequence[Row[ParticipantRow]], job: Job) -> list[Outcome]:
        ids = await resolve(session, EnterpriseView, {row.values.enterprise_id for row in rows}, job.by)
        named = [(ids.get(row.values.enterprise_id), row.values) for row in rows]
        present = await participants_named(session, [(id, one.reference) for id, one in named if id], lock=True)
        roster = Roster(present)
        refs = await Refs.of(session, Participant, [one.external_ref for _, one in named], job.by)
        outcomes = [place(roster, refs, id, values) if id else UNKNOWN for id, values in named]
        registered: list[Fact] = [(one, ParticipantRegistered) for one in roster.new.values()]
        await record_each(session, [*registered, *((one, ParticipantAmended) for one in roster.changed.values())])
        return outcomes


def place(roster: Roster, refs: Refs, enterprise_id: UUID, row: ParticipantRow) -> Outcome:
    """The row's word counts: who is there is changed to it."""
    participant = roster.find(enterprise_id, row)
    if refs.taken(row.external_ref, participant):
        return TAKEN
    if participant is None:
        roster.add(enterprise_id, row).external_ref = row.external_ref
        return "created"
    news: dict[str, Any] = {"sex": row.sex, "category": row.category}
    if refs.changed(row.external_ref, participant):
        news[REF] = row.external_ref
    return "updated" if roster.change(participant, news) else "unchanged"
