"""What stops a verb of a cycle, never a record: attendances and visits are taken in every state but cancelled."""

from collections.abc import Iterable
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.cycles.errors import BaselineMissing, GroupSize, PrerequisiteMissing
from services.training_svc.cycles.models import Cycle
from services.training_svc.cycles.queries import (
    days_recorded,
    enterprises_recorded,
    seats_taken,
    took_first_module,
)
from services.training_svc.cycles.schemas import DraftCycle
from services.training_svc.modules.models import FIRST_MODULE
from services.training_svc.modules.queries import module_of_code
from shared import errors

# --- confirm ---------------------------------------------------------------------------------------------------


async def refuse_wrong_group(session: AsyncSession, cycle: Cycle) -> None:
    """The size of the group, and the seats that attendances recorded so far have taken."""
    module = await module_of_code(session, cycle.module)
    assert module is not None, "a cycle's module is a foreign key"
    variant = module.variant(cycle.variant)
    refuse_wrong_size(len(cycle.enterprises), variant)
    refuse_full_seats(cycle, await seats_taken(session, cycle.id), variant)


def refuse_wrong_size(size: int, variant: dict[str, Any]) -> None:
    least, most = variant["group_min"], variant["group_max"]
    if not least <= size <= most:
        has = "1 enterprise" if size == 1 else f"{size} enterprises"
        detail = f"The cycle has {has}; the variant {variant['code']} takes {least} to {most}."
        raise GroupSize(detail, errors=[errors.pointer("out_of_range", detail, "enterprises")])


def refuse_full_seats(cycle: Cycle, taken: Iterable[Any], variant: dict[str, Any]) -> None:
    places = [
        errors.pointer(
            "over_quota", f"{persons} {category}s attended; the variant takes {quota}.", "enterprises", place, category
        )
        for enterprise_id, category, persons in taken
        if enterprise_id in cycle.enterprise_ids and persons > (quota := variant[f"{category}s"])
        for place in [cycle.enterprise_ids.index(enterprise_id)]
    ]
    if places:
        raise GroupSize(
            f"The variant {variant['code']} takes {variant['managers']} managers and {variant['workers']} workers of each "
            f"enterprise; more attended from {len({place.pointer for place in places})} of them.",
            errors=places,
        )


# --- start -----------------------------------------------------------------------------------------------------


async def refuse_unprepared(session: AsyncSession, cycle: Cycle) -> None:
    if cycle.module == FIRST_MODULE:
        refuse_missing_baselines(cycle)
    else:
        await refuse_missing_first_module(session, cycle)


def refuse_missing_baselines(cycle: Cycle) -> None:
    if missing := cycle.without_baseline:
        raise BaselineMissing(
            f"{len(missing)} of {len(cycle.enterprises)} enterprises name no baseline day.",
            errors=[
                errors.pointer(
                    "missing", f"{cycle.enterprise_ids[n]} names no baseline day.", "enterprises", n, "baseline_on"
                )
                for n in missing
            ],
        )


async def refuse_missing_first_module(session: AsyncSession, cycle: Cycle) -> None:
    trained = await took_first_module(session, cycle.enterprise_ids)
    if missing := [n for n, id in enumerate(cycle.enterprise_ids) if id not in trained]:
        raise PrerequisiteMissing(
            f"{len(missing)} of {len(cycle.enterprises)} enterprises have no attendance of {FIRST_MODULE}.",
            errors=[
                errors.pointer(
                    "missing",
                    f"{cycle.enterprise_ids[n]} has no attendance of {FIRST_MODULE}.",
                    "enterprises",
                    n,
                    "enterprise_id",
                )
                for n in missing
            ],
        )


# --- amend -----------------------------------------------------------------------------------------------------


async def refuse_losing_records(session: AsyncSession, cycle: Cycle, command: DraftCycle) -> None:
    """An enterprise or a day of which something was recorded stays in the cycle."""
    left_out = set(cycle.enterprise_ids) - {one.enterprise_id for one in command.enterprises}
    dropped = set(cycle.days) - {day.date for day in command.classroom}
    places = []
    if left_out and left_out & await enterprises_recorded(session, cycle.id):
        places.append(errors.pointer("in_use", "An enterprise with attendances or visits stays.", "enterprises"))
    if dropped and dropped & await days_recorded(session, cycle.id):
        places.append(errors.pointer("in_use", "A day with attendances stays.", "classroom"))
    if places:
        raise errors.ValidationFailed(errors=places)
