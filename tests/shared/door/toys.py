"""A small service made as every service is: one collection, of toys, with a field of each kind that the API has.

It goes by the name `enterprise`, because the broker's rights are given by name.
"""

from collections.abc import AsyncIterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import Field as In
from sqlalchemy import Column, DateTime, ForeignKey, Numeric, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response
from typing_extensions import TypeAliasType

from shared.answers import PageAnswer, ResourceAnswer, created, found, gone
from shared.changes import record
from shared.consumer import Subscriptions
from shared.contract import page_of, patch_body
from shared.db import ResourceColumns, choice, refuse_taken_ref, refuse_unknown
from shared.events import Event
from shared.pagination import ListQuery, PagesDep, any_of, select_matching
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.service import create_service
from shared.settings import ServiceSettings
from shared.states import Stateful
from shared.types import (
    Count,
    Country,
    Day,
    DecimalIn,
    ExternalRef,
    Flag,
    Id,
    Input,
    Instant,
    Money,
    Month,
    Resource,
    Text,
)


class Base(SQLModel, registry=registry()):
    pass


class ToyState(StrEnum):
    STILL = "still"
    WOUND = "wound"


class ToyKind(StrEnum):
    WOODEN = "wooden"
    TIN = "tin"


class Toy(Base, ResourceColumns, Stateful, table=True):
    """`buddy_id` is checked by the database alone, and only when the transaction commits."""

    __tablename__ = "toys"
    __table_args__ = (UniqueConstraint("created_by", "external_ref", name="toys_external_ref"),)
    verbs: ClassVar = {"wind": {ToyState.STILL}, "release": {ToyState.WOUND}}

    name: str
    kind: ToyKind = Field(sa_type=choice(ToyKind))
    country: str
    pieces: int
    fragile: bool
    weight: Decimal = Field(sa_type=Numeric)
    price: dict[str, str] | None = Field(sa_column=Column(JSONB(none_as_null=True)))
    made_at: datetime | None = Field(sa_type=DateTime(timezone=True))
    made_on: date | None
    season: str | None
    tags: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    wheels: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    notes: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    parent_id: UUID | None = None
    buddy_id: UUID | None = Field(
        sa_column=Column(Uuid, ForeignKey("toys.id", deferrable=True, initially="DEFERRED"), nullable=True)
    )
    state: ToyState = Field(default=ToyState.STILL, sa_type=choice(ToyState))


class ToyFacts(Event):
    name: str
    pieces: int


class ToyMade(ToyFacts):
    subject: ClassVar[str] = "score.enterprise.toy.made.v1"


class ToyChanged(ToyFacts):
    subject: ClassVar[str] = "score.enterprise.toy.changed.v1"


# any JSON but numbers: those would be counts or decimals
Note = TypeAliasType("Note", "str | bool | list[Note] | dict[str, Note] | None")


class Wheel(Input):
    size: DecimalIn
    colours: list[Text] = In([], max_length=5)


class MakeToy(Input):
    name: Text = In(examples=["Horse"])
    kind: ToyKind
    country: Country
    pieces: Count = 1
    fragile: Flag = False
    weight: DecimalIn = Decimal(0)
    price: Money | None = None
    made_at: Instant | None = None
    made_on: Day | None = None
    season: Month | None = None
    tags: list[Text] = In([], max_length=20)
    wheels: list[Wheel] = In([], max_length=20)
    notes: dict[str, Note] = {}
    parent_id: Id | None = None
    buddy_id: Id | None = None
    external_ref: ExternalRef | None = None


class ToyOut(Resource):
    name: str
    kind: ToyKind
    country: str
    pieces: int
    fragile: bool
    weight: DecimalIn
    price: Money | None
    made_at: Instant | None
    made_on: Day | None
    season: str | None
    tags: list[str]
    wheels: list[Wheel]
    notes: dict[str, Any]
    parent_id: Id | None
    buddy_id: Id | None
    external_ref: str | None
    state: ToyState
    allowed_actions: list[str]


class ToyQuery(ListQuery):
    kind: any_of(ToyKind) | None = None  # type: ignore[valid-type]
    country: any_of(Country) | None = None  # type: ignore[valid-type]
    parent_id: any_of(Id) | None = None  # type: ignore[valid-type]


class Rename(Input):
    name: Text


class SecretToy(ToyOut):
    secret: str


router = Router("toys")


@router.post("", status_code=201, response_model=ToyOut)
async def make_toy(session: SessionDep, command: MakeToy) -> ResourceAnswer:
    """Make a toy."""
    return created(ToyOut.model_validate(await made(session, command)))


async def made(session: AsyncSession, command: MakeToy) -> Toy:
    await refuse_taken_ref(session, Toy, command.external_ref)
    await refuse_unknown(session, Toy, command.parent_id, "parent_id")
    toy = Toy(**stored(command))
    session.add(toy)
    await record(session, toy, ToyMade)
    return toy


def told(toy: Toy) -> dict[str, Any]:
    """What was put in, of what is stored."""
    return toy.model_dump(include=set(MakeToy.model_fields), exclude_none=True)


def stored(command: MakeToy) -> dict[str, Any]:
    as_json = command.model_dump(mode="json", include={"price", "wheels", "notes"})
    return command.model_dump() | as_json


@router.get("", response_model=page_of(ToyOut))
async def list_toys(pages: PagesDep, query: Annotated[ToyQuery, Query()]) -> PageAnswer:
    """Toys."""
    return await pages.of(select_matching(Toy, query), Toy, ToyOut, query)


@router.get("/{toy_id}", response_model=ToyOut)
async def get_toy(reader: ReaderDep, toy_id: Id) -> ResourceAnswer:
    """One toy."""
    return found(ToyOut.model_validate(await Toy.read(reader, toy_id)))


@router.patch("/{toy_id}", response_model=ToyOut, openapi_extra=patch_body(MakeToy))
async def change_toy(session: SessionDep, toy_id: Id, match: IfMatchDep, patch: PatchDep) -> ResourceAnswer:
    """Change a toy."""
    toy = await Toy.for_change(session, toy_id)
    match.check(toy.version)
    command = patch.onto(MakeToy.model_validate(told(toy)))
    toy.sqlmodel_update(stored(command))
    await record(session, toy, ToyChanged)
    return found(ToyOut.model_validate(toy))


@router.delete("/{toy_id}", status_code=204, response_class=Response)
async def break_toy(session: SessionDep, toy_id: Id, match: IfMatchDep) -> Response:
    """Break a toy."""
    toy = await Toy.for_change(session, toy_id)
    match.check(toy.version)
    await session.delete(toy)
    return gone()


@router.post("/{toy_id}/wind", response_model=ToyOut)
async def wind_toy(session: SessionDep, toy_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """Wind a toy up."""
    toy = await Toy.for_change(session, toy_id)
    match.check(toy.version)
    toy.demand("wind")
    toy.state = ToyState.WOUND
    await record(session, toy, ToyChanged)
    return found(ToyOut.model_validate(toy))


@router.post("/{toy_id}/rename", response_model=ToyOut)
async def rename_toy(session: SessionDep, toy_id: Id, match: VerbMatchDep, command: Rename) -> ResourceAnswer:
    """Give a toy another name."""
    toy = await Toy.for_change(session, toy_id)
    match.check(toy.version)
    toy.name = command.name
    await record(session, toy, ToyChanged)
    return found(ToyOut.model_validate(toy))


@router.post("/{toy_id}/drop", response_model=ToyOut, include_in_schema=False)
async def drop_toy(session: SessionDep, toy_id: Id) -> ResourceAnswer:
    """A bug: its error repeats what was sent."""
    toy = await Toy.named(session, toy_id)
    raise ZeroDivisionError(toy.name)


secrets = Router("secret-toys")


@secrets.post("", status_code=201, response_model=SecretToy)
async def make_secret_toy(session: SessionDep, command: MakeToy) -> ResourceAnswer:
    """Make a toy whose secret is told once."""
    toy = ToyOut.model_validate(await made(session, command))
    answer = SecretToy(**toy.model_dump(), secret="told-once")
    return created(answer, location=f"/v1/toys/{toy.id}", shows_secret=True)


def create_app(settings: ServiceSettings) -> FastAPI:
    subscriptions = Subscriptions()

    @subscriptions.snapshots("toy")
    async def toys(session: AsyncSession) -> AsyncIterator[Event]:
        for toy in await session.exec(select(Toy)):
            yield ToyMade.model_validate(toy, from_attributes=True)

    return create_service(settings, title="Toys", routers=[router, secrets], subscriptions=subscriptions)
