from fastapi import Request

from services.enterprise_svc.partnerships.models import Partnership
from services.enterprise_svc.progress import queries
from services.enterprise_svc.progress.answers import progress_out
from services.enterprise_svc.progress.reckoning import last_quarters_end
from services.enterprise_svc.progress.schemas import ProgressOut
from shared.answers import ResourceAnswer, computed
from shared.context import current
from shared.db import now
from shared.permissions.roles import STAFF
from shared.routing import Router, SessionDep
from shared.types import Id

router = Router("partnerships")


@router.get("/{partnership_id}/progress", response_model=ProgressOut)
async def get_partnership_progress(request: Request, session: SessionDep, partnership_id: Id) -> ResourceAnswer:
    """Targets against what has been reached, the budget against what is committed and spent. Whoever is no staff of the
    programme is told how it was at the end of the last quarter, and nothing that tells of too few enterprises."""
    fresh_as_of = await request.app.state.arrivals.fresh_as_of()
    partnership = await Partnership.named(session, partnership_id)
    who, today = current().who, now().date()
    outside = who.role not in STAFF
    as_of = last_quarters_end(today) if outside else today
    facts = await queries.facts_of(session, partnership_id, as_of, who)
    return computed(progress_out(partnership, facts, as_of=as_of, fresh_as_of=fresh_as_of, outside=outside))
