"""Two small services that speak about things: `enterprise` announces them, `training` keeps a view and counts effects."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar
from uuid import UUID

import sqlmodel
from pydantic import SecretStr
from sqlalchemy import BigInteger, Column, Identity, select, text, update
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.consumer import Consumer, Subscriptions
from shared.context import current
from shared.db import Database, create_engine, uuid7
from shared.events import Event
from shared.loops import end_all
from shared.nats import Bus, administration
from shared.outbox import announce
from shared.relay import Relay
from shared.settings import NatsSettings
from shared.streams import declare
from shared.tables import mechanisms, outbox
from shared.views import keep_newest
from tests.shared.events.servers import Nats

POISON, BUSY, SLOW = "poison", "busy", "slow"


class ThingState(Event):
    name: str


class ThingChanged(ThingState):
    subject: ClassVar[str] = "score.enterprise.thing.changed.v1"


class ThingSnapshot(ThingState):
    subject: ClassVar[str] = "score.enterprise.thing.snapshot.v1"


class ThingHeardOf(ThingState):
    """What training announces when it hears of a thing named `tell`."""

    subject: ClassVar[str] = "score.training.thing.heard.v1"


class ThingUnheardOf(ThingState):
    """Nobody subscribes to it."""

    subject: ClassVar[str] = "score.enterprise.thing.unheard.v9"


class Base(SQLModel, registry=registry()):
    pass


class Thing(Base, table=True):
    __tablename__ = "things"
    id: UUID = Field(primary_key=True)
    version: int
    name: str


class ThingView(Base, table=True):
    __tablename__ = "thing_views"
    id: UUID = Field(primary_key=True)
    version: int
    name: str


class Effect(Base, table=True):
    """One row each time a handler ran: nothing here forgives a second time."""

    __tablename__ = "effects"
    n: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    thing: UUID
    version: int
    seen: int  # the view's version afterwards
    request_id: str
    by: str


class Faults:
    """What a test does to the handlers while they run."""

    def __init__(self) -> None:
        self.poisoned = True
        self.busy_times = 3
        self.seconds = 0.0


def subscriptions_of(faults: Faults) -> Subscriptions:
    subscriptions = Subscriptions()
    subscriptions.views("thing", ThingView)

    @subscriptions.on(ThingChanged, ThingSnapshot, seconds=3.0)
    async def on_thing(session: AsyncSession, event: ThingState) -> None:
        await misbehave(session, event, faults)
        await keep_newest(session, ThingView, id=event.id, version=event.version, name=event.name)
        view = await session.get_one(ThingView, event.id)
        context = current()
        session.add(
            Effect(
                thing=event.id,
                version=event.version,
                seen=view.version,
                request_id=context.request_id,
                by=context.subject,
            )
        )
        if event.name == "tell":
            await announce(session, ThingHeardOf(id=event.id, version=event.version, name="heard"))

    @subscriptions.snapshots("thing")
    async def things(session: AsyncSession) -> AsyncIterator[Event]:
        for thing in await session.exec(sqlmodel.select(Thing)):
            yield ThingSnapshot.model_validate(thing, from_attributes=True)

    return subscriptions


async def misbehave(session: AsyncSession, event: ThingState, faults: Faults) -> None:
    if event.name == POISON and faults.poisoned:
        raise KeyError("a bug")
    if event.name == BUSY and faults.busy_times > 0:
        faults.busy_times -= 1
        await (await session.connection()).execute(
            text("do $$ begin raise exception 'in the way' using errcode = '40P01'; end $$")
        )
    if event.name == SLOW and faults.seconds:
        seconds, faults.seconds = faults.seconds, 0.0
        await asyncio.sleep(seconds)


def settings_of(url: str, user: str, durability: str = "") -> NatsSettings:
    return NatsSettings(
        url=url,
        user=user,
        password=SecretStr(user),
        monitor_user="monitor",
        monitor_password=SecretStr("monitor"),
        durability=durability,
    )


async def declare_on(nats: Nats) -> list[str]:
    async with administration(settings_of(nats.url, "admin")) as ask:
        return await declare(ask, replicas=1)


class Service:
    """One service's events: its database, its connection, its relay and its consumer, as `create_service` puts them together."""

    def __init__(self, name: str, database_url: str, nats: Nats, **kinds: Any) -> None:
        self.name, self.nats = name, nats
        self.database = Database(create_engine(database_url))
        self.faults = Faults()
        self.bus = kinds.get("bus", Bus)(settings_of(nats.url, name, kinds.get("durability", "")), name)
        self.relay: Relay = kinds.get("relay", Relay)(self.database, self.bus, name)
        self.database.after_commit(self.relay.nudge)
        self.consumer: Consumer = kinds.get("consumer", Consumer)(
            self.database, self.bus, name, subscriptions_of(self.faults)
        )

    async def create_tables(self) -> None:
        async with self.database.engine.begin() as connection:
            for metadata in (mechanisms, Base.metadata):
                await connection.run_sync(metadata.create_all)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Service"]:
        parts = (self.bus, self.relay, self.consumer)
        loops = [asyncio.create_task(part.run()) for part in parts]
        try:
            yield self
        finally:
            await end_all(loops)
            await self.bus.close()

    async def change(self, thing: UUID | None = None, name: str = "thing", seconds: float = 0.0) -> UUID:
        """The next version of a thing and its event, in a transaction that takes `seconds`; gives the event's id."""
        async with self.database.transaction() as session:
            thing, version = await next_version(session, thing, name)
            await announce(session, ThingChanged(id=thing, version=version, name=name))
            await asyncio.sleep(seconds)
        event: UUID = session.info["last_event"]
        return event

    async def tell(self, *events: Event) -> UUID:
        """Announces `events` alone; gives the id of the last."""
        async with self.database.transaction() as session:
            await announce(session, *events)
        event: UUID = session.info["last_event"]
        return event

    async def rows(self, statement: Any) -> list[Any]:
        async with self.database.transaction() as session:
            return list((await (await session.connection()).execute(statement)).all())

    async def waiting(self) -> int:
        return len(await self.rows(select(outbox.c.event_id).where(outbox.c.published_at.is_(None))))


async def next_version(session: AsyncSession, thing: UUID | None, name: str) -> tuple[UUID, int]:
    """Locks the row first, as every command does."""
    if thing is not None:
        statement = update(Thing).where(Thing.id == thing).values(version=Thing.version + 1, name=name)
        if (version := await session.scalar(statement.returning(Thing.version))) is not None:
            return thing, version
    thing = thing or uuid7()
    session.add(Thing(id=thing, version=1, name=name))
    await session.flush()
    return thing, 1


async def eventually(condition: Callable[[], Awaitable[Any]], seconds: float = 60.0) -> Any:
    """The first true answer of `condition`; fails with the last one."""
    deadline = time.monotonic() + seconds
    while not (answer := await condition()):
        assert time.monotonic() < deadline, f"still {answer!r} after {seconds} s"
        await asyncio.sleep(0.02)
    return answer


async def drained(service: Service) -> bool:
    return await service.waiting() == 0


async def quiet(service: Service) -> bool:
    """Everything published has been acknowledged."""
    if service.bus.problem:
        return False
    info = await service.bus.consumer_info()
    return bool(info["num_pending"] == 0 and info["num_ack_pending"] == 0)


# --- the checkers: each gives what is wrong --------------------------------------------------------------------


async def exactly_once(publisher: Service, subscriber: Service) -> list[str]:
    """Every announced change has had exactly one effect."""
    facts = select(outbox.c.aggregate_id, outbox.c.aggregate_version).where(outbox.c.subject == ThingChanged.subject)
    announced = [tuple(row) for row in await publisher.rows(facts)]
    effects = [tuple(row) for row in await subscriber.rows(select(Effect.thing, Effect.version))]
    lost = set(announced) - set(effects)
    doubled = len(effects) - len(set(effects))
    return ([f"{len(lost)} lost"] if lost else []) + ([f"{doubled} doubled"] if doubled else [])


async def converged(publisher: Service, subscriber: Service) -> list[str]:
    """The view is what the things are."""
    things = {tuple(row) for row in await publisher.rows(select(Thing.id, Thing.version, Thing.name))}
    views = {tuple(row) for row in await subscriber.rows(select(ThingView.id, ThingView.version, ThingView.name))}
    return [f"{len(things ^ views)} rows differ"] if things != views else []


async def never_back(subscriber: Service) -> list[str]:
    """No view ever went from a version to a lower one."""
    seen: dict[UUID, int] = {}
    wrong = 0
    for thing, version in await subscriber.rows(select(Effect.thing, Effect.seen).order_by(Effect.n)):
        wrong += version < seen.get(thing, 0)
        seen[thing] = version
    return [f"{wrong} steps back"] if wrong else []
