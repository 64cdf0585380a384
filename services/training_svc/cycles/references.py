"""What a cycle refers to: its module and variant, the registry's facts, trainers."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.cycles.schemas import DraftCycle
from services.training_svc.modules.models import STANDARD
from services.training_svc.modules.queries import module_of_code
from services.training_svc.read_models.registry import EnterpriseView, OrganisationView, PartnershipView, PhaseView
from services.training_svc.trainers.models import Trainer
from shared import errors
from shared.db import await_ids, refuse_unknown, refuse_unknowns, unknown_place


async def refuse_unfounded(session: AsyncSession, command: DraftCycle) -> None:
    """422 at what names nothing, and at days outside the phase."""
    await refuse_unknown_variant(session, command)
    await refuse_unknown(session, PhaseView, command.phase_id, "phase_id")
    await refuse_unknown(session, PartnershipView, command.partnership_id, "partnership_id")
    await refuse_unknown(session, OrganisationView, command.provider_id, "provider_id")
    await refuse_unknown_enterprises(session, command)
    await refuse_unknown(session, Trainer, command.lead_trainer_id, "lead_trainer_id")
    await refuse_unknowns(session, Trainer, command.co_trainer_ids, "co_trainer_ids")
    await refuse_unknown(session, Trainer, command.supervisor_id, "supervisor_id")
    await refuse_days_outside_phase(session, command)


async def refuse_unknown_variant(session: AsyncSession, command: DraftCycle) -> None:
    module = await module_of_code(session, command.module)
    if module is None:
        raise errors.UnknownReference(
            errors=[errors.pointer("unknown_reference", "There is no such module.", "module")]
        )
    if (command.variant or STANDARD) not in module.variant_codes:
        offered = ", ".join(module.variant_codes) or "none"
        place = errors.pointer("unknown_reference", f"The module has no such variant; it has: {offered}.", "variant")
        raise errors.UnknownReference(errors=[place])


async def refuse_unknown_enterprises(session: AsyncSession, command: DraftCycle) -> None:
    ids = [enterprise.enterprise_id for enterprise in command.enterprises]
    known = await await_ids(session, EnterpriseView, ids)
    if unknown := [n for n, id in enumerate(ids) if id not in known]:
        raise errors.UnknownReference(errors=[unknown_place("enterprises", n, "enterprise_id") for n in unknown])


async def refuse_days_outside_phase(session: AsyncSession, command: DraftCycle) -> None:
    phase = await session.get(PhaseView, command.phase_id) if command.phase_id else None
    if phase is None:
        return
    lasts = f"{phase.starts_on} to {phase.ends_on}" if phase.ends_on else f"{phase.starts_on} on"
    outside = {n: day.date for n, day in enumerate(command.classroom) if not phase.contains(day.date)}
    if places := [
        errors.pointer("outside_phase", f"date ({day}) is not in the phase ({lasts}).", "classroom", n, "date")
        for n, day in outside.items()
    ]:
        raise errors.ValidationFailed(errors=places)
