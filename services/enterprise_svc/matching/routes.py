from services.enterprise_svc.enterprises.commands import unregistered
from services.enterprise_svc.enterprises.schemas import RegisterEnterprise
from services.enterprise_svc.matching.likeness.blocking import Sought
from services.enterprise_svc.matching.queries import candidates_for
from services.enterprise_svc.matching.schemas import Candidates
from shared.answers import JsonAnswer
from shared.routing import Router, SessionDep

router = Router("enterprises")


@router.post("/match", response_model=Candidates)
async def match_enterprise(session: SessionDep, command: RegisterEnterprise) -> JsonAnswer:
    """Which enterprises that are there already it may be. Nothing is written: these are the candidates for which `POST
    /v1/enterprises` of the same would be refused.

    Never a candidate: another identifier of the same scheme; another country; a name that differs in a number; one that is
    withdrawn or closed. Without an identifier in common the name must match nearly exactly, and the address or the place too.
    """
    return JsonAnswer(Candidates(candidates=await candidates_for(session, Sought.of(unregistered(command)))))
