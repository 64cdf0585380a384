"""What the rows of a file refer to: cycles, and enterprises in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.cycles.models import Cycle, CycleState
from services.training_svc.cycles.queries import hold_cycles
from services.training_svc.read_models.registry import EnterpriseView
from shared.imports import Job, Row, RowError
from shared.references import resolve


class InCycle(Protocol):
    cycle_id: str
    enterprise_id: str


@dataclass(frozen=True)
class RowReferences:
    """Cycles (held) and ids of enterprises, each by the reference as written."""

    cycles: Mapping[str, Cycle]
    enterprises: Mapping[str, UUID]

    @classmethod
    async def of(cls, session: AsyncSession, rows: Sequence[Row[Any]], job: Job) -> "RowReferences":
        ids = await resolve(session, Cycle, {row.values.cycle_id for row in rows}, job.by)
        enterprises = await resolve(session, EnterpriseView, {row.values.enterprise_id for row in rows}, job.by)
        held = await hold_cycles(session, ids.values())
        return cls({reference: held[id] for reference, id in ids.items()}, enterprises)

    def errors(self, values: InCycle) -> list[RowError]:
        """Why nothing can be recorded for this cycle and enterprise; empty when it can."""
        cycle, enterprise_id = self.cycles.get(values.cycle_id), self.enterprises.get(values.enterprise_id)
        found = []
        if cycle is None:
            found.append(RowError("cycle_id", "unknown_reference", "This names no cycle that you may see."))
        elif cycle.state == CycleState.CANCELLED:
            found.append(RowError("cycle_id", "cycle_cancelled", "A cancelled cycle takes no records."))
        if enterprise_id is None:
            found.append(RowError("enterprise_id", "unknown_reference", "This names no enterprise that you may see."))
        elif cycle and enterprise_id not in cycle.enterprise_ids:
            found.append(RowError("enterprise_id", "not_in_cycle", "The enterprise is not in this cycle."))
        return found
