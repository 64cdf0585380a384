from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.read_models.models import EnterpriseView
from services.metrics_svc.records.approval import Approval, approve_matching, approve_named
from services.metrics_svc.records.versions import Stored, amend, move, store
from services.metrics_svc.savings.models import KEY, Saving
from services.metrics_svc.savings.queries import savings_in
from services.metrics_svc.savings.schemas import AmendSaving, ApproveSavings, RecordSaving
from shared.conditions import IfMatch
from shared.db import refuse_unknown
from shared.merge_patch import Patch


async def record_saving(session: AsyncSession, command: RecordSaving) -> Stored:
    await refuse_unknown(session, EnterpriseView, command.enterprise_id, "enterprise_id")
    return await store(session, Saving, command.columns())


async def amend_saving(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Saving:
    saving = await Saving.for_change(session, id)
    match.check(saving.version)
    saving.demand_amendable()
    command = patch.onto(AmendSaving.present(saving), fixed=KEY)
    await amend(session, saving, command.columns())
    return saving


async def submit_saving(session: AsyncSession, id: UUID, match: IfMatch) -> Saving:
    return await move(session, Saving, id, "submit", match)


async def approve_saving(session: AsyncSession, id: UUID, match: IfMatch) -> Saving:
    return await move(session, Saving, id, "approve", match)


async def return_saving(session: AsyncSession, id: UUID, match: IfMatch, reason: str) -> Saving:
    return await move(session, Saving, id, "return", match, reason)


async def approve_savings(session: AsyncSession, command: ApproveSavings) -> Approval:
    if command.filter is None:
        return await approve_named(session, Saving, command.ids or [])
    return await approve_matching(session, Saving, savings_in(command.filter))
