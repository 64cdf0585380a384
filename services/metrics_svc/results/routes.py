from typing import Annotated

from fastapi import Query, Request

from services.metrics_svc.publication.offered import is_outside
from services.metrics_svc.publication.outside import Published
from services.metrics_svc.results import queries
from services.metrics_svc.results.schemas import PopulationOut, ResultsOut, ResultsQuery, row_out
from shared.answers import ResourceAnswer, computed
from shared.contract import answer_of
from shared.db import now
from shared.routing import PrincipalDep, Router, SessionDep

router = Router("results")


@router.get("", response_model=ResultsOut, responses={409: answer_of(409)})
async def get_results(
    request: Request, session: SessionDep, principal: PrincipalDep, query: Annotated[ResultsQuery, Query()]
) -> ResourceAnswer:
    """The results table of a scope, as of a day: per indicator who reported, who improved and by how much. Outside the
    programme's staff it is offered for certain scopes and days only, and what tells of too few is suppressed. There a row that
    was told before is revised once enough enterprises have changed it."""
    as_of = query.as_of or now().date()
    app = request.app.state
    # asked before the snapshot is taken, so that the table holds at least as much
    fresh_as_of = await app.arrivals.fresh_as_of()
    if is_outside(principal):
        published = await app.publisher.results(app.database, session, principal, query, as_of)
    else:
        published = Published.whole(await queries.results(session, query, as_of))
    table = ResultsOut(
        scope=query.given(),
        as_of=as_of,
        fresh_as_of=fresh_as_of,
        rule_set="v1",
        population=PopulationOut.model_validate(published.population),
        rows=[row_out(row, told, query.options) for row, told in published.rows],
    )
    return computed(table)
