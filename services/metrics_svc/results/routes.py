import hashlib
from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel

from services.metrics_svc.results import queries
from services.metrics_svc.results.schemas import PopulationOut, ResultsOut, ResultsQuery, row_out
from shared.answers import ResourceAnswer, found
from shared.contract import answer_of
from shared.db import now
from shared.routing import Router, SessionDep

router = Router("results")


@router.get("", response_model=ResultsOut, responses={409: answer_of(409)})
async def get_results(request: Request, session: SessionDep, query: Annotated[ResultsQuery, Query()]) -> ResourceAnswer:
    """The results table of a scope, as of a day: per indicator who reported, who improved and by how much."""
    as_of = query.as_of or now().date()
    # asked before the snapshot is taken, so that the table holds at least as much
    fresh_as_of = await request.app.state.arrivals.fresh_as_of()
    results = await queries.results(session, query, as_of)
    table = ResultsOut(
        scope=query.given(),
        as_of=as_of,
        fresh_as_of=fresh_as_of,
        rule_set="v1",
        population=PopulationOut.model_validate(results),
        rows=[row_out(row) for row in results.rows],
    )
    answer = found(table)
    answer.headers["ETag"] = etag_of(table)
    return answer


def etag_of(table: BaseModel) -> str:
    """Weak: two answers with the same figures are the same table, though one was asked for later."""
    said = table.model_dump_json(exclude={"fresh_as_of"})
    return f'W/"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'
