"""Word of mergers, of their undoing and of what they are about comes in any order: where everything lies is the same."""

import json
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.metrics_svc.subscribers import subscriptions
from services.metrics_svc.visibility import visibility
from shared.context import Context
from shared.db import Database, create_engine, uuid7
from shared.envelope import Envelope
from shared.events import Event
from shared.events.enterprise import ConsentGranted, EnterpriseMerged, EnterpriseRegistered, EnterpriseUnmerged
from shared.events.training import (
    AttendanceMoved,
    AttendanceRecorded,
    CycleDrafted,
    ParticipantAmended,
    VisitAmended,
    VisitDone,
    VisitSuperseded,
)
from shared.successors import end_of
from tests.conftest import System

A, B, C, CYCLE, PERSON, BUYER = (uuid7() for _ in range(6))
LETTERS = {A: "A", B: "B", C: "C"}


def enterprise(fact: type[Event], id: UUID, version: int, into: UUID | None = None) -> Event:
    return fact.model_validate(
        {
            "id": id,
            "version": version,
            "legal_name": "Synthetic",
            "country": "CN",
            "isic": None,
            "languages": [],
            "identifiers": [],
            "state": "registered",
            "workforce_total": None,
            "external_ref": None,
            "created_by": "test",
            "merged_into": into,
        }
    )


def cycle() -> Event:
    fields: dict[str, Any] = dict.fromkeys(("phase_id", "partnership_id", "provider_id", "external_ref"))
    named = {"enterprise_ids": [A, C], "classroom": ["2012-03-05"], "state": "draft", "created_by": "test"}
    return CycleDrafted.model_validate(
        {"id": CYCLE, "version": 1, "module": "M1", "variant": "x", "country": "CN"} | fields | named
    )


attendances = {id: uuid7() for id in LETTERS}


def attended(id: UUID, fact: type[Event] = AttendanceRecorded, version: int = 1, **more: Any) -> Event:
    told = {"participant_id": PERSON, "enterprise_id": id, "cycle_id": CYCLE, "date": date(2012, 3, 5)}
    return fact.model_validate({"id": attendances[id], "version": version} | told | more)


visits, persons = ({id: uuid7() for id in LETTERS} for _ in range(2))


def visited(id: UUID, fact: type[Event] = VisitDone, version: int = 1, **more: Any) -> Event:
    told = {"enterprise_id": id, "cycle_id": CYCLE, "sequence": 1, "planned_on": None, "done_on": date(2012, 4, 2)}
    return fact.model_validate({"id": visits[id], "version": version, "state": "done"} | told | more)


def known(id: UUID, version: int, **more: Any) -> Event:
    told = {"id": persons[id], "version": version, "enterprise_id": id, "sex": "female", "category": "worker"}
    return ParticipantAmended.model_validate(told | more)


def consent() -> Event:
    told = {"id": uuid7(), "version": 1, "enterprise_id": A, "grantee_id": BUYER, "scope": "aggregate", "purpose": None}
    return ConsentGranted.model_validate(
        told | {"since": date(2012, 1, 1), "until": None, "withdrawn_at": None, "covers": [A]}
    )


STORY = [
    *(enterprise(EnterpriseRegistered, id, 1) for id in LETTERS),
    cycle(),
    consent(),
    *map(attended, LETTERS),
    *map(visited, LETTERS),
    enterprise(EnterpriseMerged, A, 2, B),
    # what training made of it meanwhile, told under the new id
    attended(A, AttendanceMoved, 2, enterprise_id=B, recorded_under=A),
    enterprise(EnterpriseUnmerged, A, 3),
    enterprise(EnterpriseMerged, B, 2, A),
    enterprise(EnterpriseUnmerged, B, 3),
    enterprise(EnterpriseMerged, A, 4, B),
    enterprise(EnterpriseMerged, B, 4, C),
    *(visited(id, VisitSuperseded, 2, enterprise_id=C, recorded_under=id, state="superseded") for id in (A, B)),
    known(A, 2, enterprise_id=C, recorded_under=A, superseded_by=persons[C]),
]
LAST = [
    *STORY,
    enterprise(EnterpriseUnmerged, B, 5),
    visited(B, VisitAmended, 3),
    known(A, 3, enterprise_id=B, recorded_under=A),
]


class Undone(Exception):
    """The end of a telling: nothing of it stays."""


async def tell(database: Database, story: Sequence[Event], sizes: random.Random) -> dict[str, Any]:
    """Where everything lies after these events came in batches of any size, in one transaction that is then undone."""
    found: dict[str, Any] = {}
    with suppress(Undone):
        async with database.transaction() as session:
            connection = await session.connection()
            for id in LETTERS:
                await connection.execute(text(OBSERVATION), {"id": uuid7(), "enterprise_id": id})
            left = list(story)
            while left:
                size = sizes.randint(1, 4)
                await subscriptions.handle(session, *map(envelope_of, left[:size]))
                left = left[size:]
            found = await lying(connection)
            raise Undone
    return found


OBSERVATION = """
insert into observations (id, version, created_at, updated_at, created_by, state, revision, enterprise_id, indicator, period,
  point, numerator, unit)
values (:id, 1, now(), now(), 'test', 'approved', 1, :enterprise_id, 'KPI02', '2012-02', 'baseline', 1, 'units')
"""
QUESTIONS = {
    "attendances": "select coalesce(recorded_under, enterprise_id), enterprise_id from attendance_views where cycle_id = :cycle",
    "observations": "select coalesce(recorded_under, enterprise_id), enterprise_id, state, outranked_from from observations "
    "where enterprise_id = any(:ids)",
    "cycles": "select enterprise_ids from cycle_views where id = :cycle",
    "consents": "select enterprise_id, covers from consent_views where grantee_id = :buyer",
    "findings": "select enterprise_id, subject, state from findings where state <> 'mended' and enterprise_id = any(:ids)",
}


async def lying(connection: Any) -> dict[str, Any]:
    told = {"cycle": CYCLE, "ids": list(LETTERS), "buyer": BUYER}
    found = {}
    for name, question in QUESTIONS.items():
        wanted = {key: value for key, value in told.items() if f":{key}" in question}
        rows = (await connection.execute(text(question), wanted)).all()
        found[name] = sorted(str([in_letters(value) for value in row]) for row in rows)
    return found


def in_letters(value: Any) -> Any:
    return [LETTERS[one] for one in value] if isinstance(value, list) else LETTERS.get(value, value)


def envelope_of(event: Event) -> Envelope:
    payload = json.dumps(event.model_dump(mode="json")).encode()
    return Envelope(uuid7(), event.subject, datetime.now(UTC), Context(subject="test", request_id="test"), payload)


AT_THE_END = {
    "attendances": ["['A', 'C']", "['B', 'C']", "['C', 'C']"],
    "observations": [
        "['A', 'C', 'superseded', 'approved']",
        "['B', 'C', 'superseded', 'approved']",
        "['C', 'C', 'approved', None]",
    ],
    "cycles": ["[['C']]"],
    "consents": ["['C', ['A']]"],
    "findings": [
        "['C', 'KPI02, 2012-02, baseline', 'open']",
        f"['C', 'the reference of the participant {persons[C]}', 'open']",
        f"['C', 'visit 1 of the cycle {CYCLE}', 'open']",
    ],
}
AFTER_UNDOING = {
    "attendances": ["['A', 'B']", "['B', 'B']", "['C', 'C']"],
    "observations": [
        "['A', 'B', 'superseded', 'approved']",
        "['B', 'B', 'approved', None]",
        "['C', 'C', 'approved', None]",
    ],
    "cycles": ["[['B', 'C']]"],
    "consents": ["['B', ['A']]"],
    "findings": ["['B', 'KPI02, 2012-02, baseline', 'open']", f"['B', 'visit 1 of the cycle {CYCLE}', 'open']"],
}


@pytest.mark.parametrize(("story", "end"), [(STORY, AT_THE_END), (LAST, AFTER_UNDOING)], ids=["chain", "undone"])
async def test_any_order_of_events_comes_to_the_same(system: System, story: list[Event], end: dict[str, Any]) -> None:
    database = Database(create_engine(system.database_url("metrics")), visibility)
    try:
        assert await tell(database, story, random.Random(0)) == end
        for seed in range(12):
            chance = random.Random(seed)
            shuffled = chance.sample(story, len(story))
            assert await tell(database, shuffled, chance) == end, [event.subject for event in shuffled]
    finally:
        await database.close()


ids = st.integers(0, 6).map(lambda n: UUID(int=n))


@given(st.dictionaries(ids, st.none() | ids))
def test_every_chain_has_an_end_and_all_of_a_chain_have_the_same(links: dict[UUID, UUID | None]) -> None:
    for id in links:
        end = end_of(id, links)
        assert end_of(end, links) == end
        following = links[id]
        assert end == (id if following is None else end_of(following, links))
