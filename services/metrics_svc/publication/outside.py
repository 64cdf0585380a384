"""The one place that looks with the programme's own eyes on behalf of whoever is no staff of it.

Whoever asks sees only its own rows; what it is told of many is computed over all of them and then suppressed. Nothing that is
read here leaves but through a `View`, or for an enterprise that the caller may see anyway.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.publication import queries
from services.metrics_svc.publication.errors import ScopeNotOffered
from services.metrics_svc.publication.offered import offered_cell
from services.metrics_svc.publication.standings import Hearing, Standing, Standings
from services.metrics_svc.publication.telling import Population, Telling
from services.metrics_svc.publication.told import keep_word
from services.metrics_svc.publication.view import View
from services.metrics_svc.publication.vintages import PUBLIC, ToldRow, write_down
from services.metrics_svc.read_models.models import ConsentView, EnterpriseView, MergedEnterprise
from services.metrics_svc.results import queries as results
from services.metrics_svc.results.calculation.table import Row
from services.metrics_svc.results.errors import ExchangeRateMissing
from services.metrics_svc.results.queries import Results
from services.metrics_svc.results.schemas import ResultsQuery
from services.metrics_svc.suppression.cells import Cell
from services.metrics_svc.suppression.told import WHOLE_ROW, RowTold
from shared import errors, receipts
from shared.auth import Principal
from shared.context import current, using
from shared.db import Database, now
from shared.permissions.roles import Role
from shared.permissions.who import NOBODY_BUT_US
from shared.successors import merged_into

TRIES = 20
AT_ONCE = 4  # each holds a connection, perhaps for as long as a lattice is laid


@dataclass(frozen=True)
class Published:
    """A table with what may be told of it."""

    population: Population
    rows: list[tuple[Row, RowTold]]

    @classmethod
    def whole(cls, results: Results) -> "Published":
        return cls(Population.of(results), [(row, WHOLE_ROW) for row in results.rows])


@asynccontextmanager
async def with_all_in_sight(database: Database) -> AsyncIterator[AsyncSession]:
    with using(replace(current(), who=NOBODY_BUT_US)):
        async with database.transaction() as session:
            yield session


@dataclass
class Publisher:
    """What a process publishes."""

    standings: Standings = field(default_factory=Standings)
    few: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def results(
        self, database: Database, session: AsyncSession, principal: Principal, query: ResultsQuery, as_of: date
    ) -> Published:
        """For a caller from outside, whose own session is `session`."""
        if query.enterprise_id is not None and await may_see_it(session, query):
            async with with_all_in_sight(database) as ours:
                return Published.whole(await results.results(ours, query, as_of))
        cell = offered_cell(query, principal, as_of, now().date())
        async with self.few:
            for _ in range(TRIES):  # others may have told more meanwhile
                if published := await self.tell(database, principal, query, as_of, cell):
                    return published
        raise errors.ServiceUnavailable("Many tables are being told at this moment. Try again in a moment.", 5)

    async def tell(
        self, database: Database, principal: Principal, query: ResultsQuery, as_of: date, cell: Cell
    ) -> Published | None:
        """What is told is written down before it is."""
        async with with_all_in_sight(database) as ours:
            connection = await results.read_one_snapshot(ours)
            standing, last = await self.standings.on(connection, as_of)
            agreed = await queries.agreeing(connection, principal.organisation_id)
            try:
                table = await results.results_on(connection, query, as_of)
            except ExchangeRateMissing as missing:
                raise ExchangeRateMissing([]) from missing  # whose savings, nobody is told
        hearing = Hearing(principal.organisation_id or PUBLIC, frozenset(agreed))
        # much arithmetic: beside the event loop
        published, new = await asyncio.to_thread(self.told, table, standing, cell, hearing, query)
        async with with_all_in_sight(database) as ours:
            connection = await ours.connection()
            if new and not await write_down(connection, new, last):
                return None
            await keep_word(connection, as_of, cell, standing.word_on(cell))
        return published

    def told(
        self, table: Results, standing: Standing, cell: Cell, hearing: Hearing, query: ResultsQuery
    ) -> tuple[Published, list[ToldRow]]:
        vintages = self.standings.vintages
        everybody = View(standing, standing.patterns, cell)
        isolated = standing.isolated_for(hearing, cell, vintages.told)
        view = View(standing, standing.patterns_for(hearing.agreed), cell, isolated)
        telling = Telling(everybody, view, vintages, hearing, query.options)
        return Published(telling.population(table), telling.rows(table.rows)), telling.new


async def may_see_it(session: AsyncSession, query: ResultsQuery) -> bool:
    """The enterprise itself, or one whose consent the caller has: what it sees by its own eyes. It leaves a receipt."""
    seen = (await session.exec(select(EnterpriseView.id).where(col(EnterpriseView.id) == query.enterprise_id))).first()
    if seen is None:
        raise ScopeNotOffered(["enterprise_id"])
    allowing = await receipts.consents_allowing(session, ConsentView, [seen], current().who.organisation_id)
    others = set(await merged_into(session, MergedEnterprise, seen))
    if others and current().who.role != Role.ENTERPRISE and others - await covered_by(session, allowing):
        raise ScopeNotOffered(["enterprise_id"])  # a table is of all its records, of those merged into it too
    await receipts.note(session, [seen], ["results"], allowing)
    return True


async def covered_by(session: AsyncSession, consents: list[UUID]) -> set[UUID]:
    """The ids under which everything that was recorded is allowed by one of these."""
    one: Any = ConsentView
    covers = await session.execute(select(one.covers).where(one.id.in_(consents)))
    return {id for ids in covers.scalars() for id in ids}
