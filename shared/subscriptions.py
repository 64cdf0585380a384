"""What a service does when it hears of something; which of its views an aggregate fills; which aggregates it can tell again.

subscriptions = Subscriptions()
subscriptions.copies("enterprise", EnterpriseState, EnterpriseView)      # every event of the aggregate, newest version kept
subscriptions.tells("cycle", Cycle, CycleSnapshot)                       # when somebody rebuilds a view

@subscriptions.on(AttendanceRecorded)
async def on_attendance(session: AsyncSession, event: AttendanceState) -> None: ...
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.sql.expression import TableClause
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.context import using
from shared.envelope import Envelope
from shared.events import Event
from shared.events.rebuild import BY_SUBSCRIBER, RebuildRequested
from shared.outbox import announce
from shared.successors import Placing
from shared.views import Row, newest, row_of
from shared.writing import Rows, write

HANDLER_SECONDS = 20.0
REBUILD_SECONDS = 600.0
SNAPSHOTS_AT_ONCE = 500

Handler = Callable[[AsyncSession, Any], Awaitable[None]]
Snapshots = Callable[[AsyncSession], AsyncIterator[Event]]
AnyHandler = TypeVar("AnyHandler", bound=Handler)
AnySnapshots = TypeVar("AnySnapshots", bound=Snapshots)


@dataclass(frozen=True)
class Subscription:
    """`seconds`: how long one event may take."""

    fact: type[Event]
    handler: Handler
    seconds: float


@dataclass(frozen=True)
class Copy:
    """One kind of event that fills `view`."""

    fact: type[Event]
    view: Any
    place: Placing | None


class Subscriptions:
    """One service's door for events. Everything else that arrives is only recorded in the inbox."""

    def __init__(self) -> None:
        self._by_subject: dict[str, list[Subscription]] = {}
        self._snapshots: dict[str, Snapshots] = {}
        self._copies: dict[str, list[Copy]] = {}
        self._views: dict[str, list[TableClause]] = {}
        self.on(*BY_SUBSCRIBER.values(), seconds=REBUILD_SECONDS)(self._tell_again)

    def on(self, *facts: type[Event], seconds: float = HANDLER_SECONDS) -> Callable[[AnyHandler], AnyHandler]:
        """The handler runs in the transaction that records the event; it may announce events, but not commit.

        Raise nothing for what can't be helped: any error but one of the database's or the network's is final.
        """

        def register(handler: AnyHandler) -> AnyHandler:
            for fact in facts:
                self._by_subject.setdefault(fact.subject, []).append(Subscription(fact, handler, seconds))
            return handler

        return register

    def snapshots(self, aggregate: str) -> Callable[[AnySnapshots], AnySnapshots]:
        """An async generator over the present states of all of one aggregate, as its snapshot event."""

        def register(tell: AnySnapshots) -> AnySnapshots:
            self._snapshots[aggregate] = tell
            return tell

        return register

    def tells(self, aggregate: str, model: Any, snapshot: type[Event]) -> None:
        """The present state of every row of `model`, read in portions: a million do not fit into memory."""

        @self.snapshots(aggregate)
        async def tell(session: AsyncSession) -> AsyncIterator[Event]:
            rows = select(model).execution_options(yield_per=SNAPSHOTS_AT_ONCE)
            async for row in await session.stream_scalars(rows):
                yield snapshot.model_validate(row, from_attributes=True)
                session.expunge(row)

    def copies(
        self, aggregate: str, state: type[Event], view: Any, place: Placing | None = None, *, rebuilt: bool = True
    ) -> None:
        """`view` has the newest state of `aggregate`, as far as its columns are named like the fields of the events.

        Every event of an aggregate carries its whole state, and its publisher may come to tell more kinds. `place` puts the rows
        of a batch where they belong before they are written, and may leave some out. What several aggregates fill is not
        emptied when one of them is `rebuilt`.
        """
        if rebuilt:
            self.views(aggregate, view)
        for fact in state.__subclasses__():
            self._copies.setdefault(fact.subject, []).append(Copy(fact, view, place))

    def views(self, aggregate: str, *views: Any) -> None:
        """Table classes that nothing but the events of `aggregate` fills: a rebuild empties them."""
        self._views.setdefault(aggregate, []).extend(view.__table__ for view in views)

    def views_of(self, aggregate: str) -> list[TableClause]:
        return self._views.get(aggregate, [])

    @property
    def aggregates(self) -> list[str]:
        """Those with views."""
        return sorted(self._views)

    @property
    def subjects(self) -> list[str]:
        """Those that are listened to."""
        return sorted(self._by_subject.keys() | self._copies.keys())

    def seconds_for(self, subject: str) -> float:
        return max((found.seconds for found in self._by_subject.get(subject, ())), default=HANDLER_SECONDS)

    async def handle(self, session: AsyncSession, *envelopes: Envelope) -> None:
        """The views first, all events at once; then every handler, one event after the other."""
        if copies := await self.copies_of(session, envelopes):
            await write(session, copies)
        await self.run_handlers(session, *envelopes)

    async def copies_of(self, session: AsyncSession, envelopes: Sequence[Envelope]) -> list[Rows]:
        """What the views are to hold of them: again and again the same."""
        rows: dict[tuple[Any, Placing | None], list[Row]] = {}
        for envelope in envelopes:
            for copy in self._copies.get(envelope.subject, ()):
                event = copy.fact.model_validate_json(envelope.payload)
                rows.setdefault((copy.view, copy.place), []).append(row_of(event, copy.view))
        placed = [(view, await place(session, told) if place else told) for (view, place), told in rows.items()]
        return [newest(view, news) for view, news in placed if news]

    async def run_handlers(self, session: AsyncSession, *envelopes: Envelope) -> None:
        for envelope in envelopes:
            await self._run_handlers(session, envelope)

    async def _run_handlers(self, session: AsyncSession, envelope: Envelope) -> None:
        """As if in the request that caused the event."""
        with using(envelope.context):
            for found in self._by_subject.get(envelope.subject, ()):
                await found.handler(session, found.fact.model_validate_json(envelope.payload))
                # the next handler and the next event see what this one did, not what it held
                await session.flush()
                session.expunge_all()

    async def _tell_again(self, session: AsyncSession, event: RebuildRequested) -> None:
        if tell := self._snapshots.get(event.aggregate):
            waiting: list[Event] = []
            async for snapshot in tell(session):
                waiting.append(snapshot)
                if len(waiting) == SNAPSHOTS_AT_ONCE:
                    await announce(session, *waiting)
                    waiting.clear()
            await announce(session, *waiting)
