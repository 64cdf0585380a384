"""A nomination is answered within the days of its country's policy, or never."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.nominations import commands, models, queries
from services.enterprise_svc.nominations.models import Nomination, NominationState
from shared.conditions import IfMatch
from shared.db import Database, create_engine
from shared.errors import WrongState
from tests import builders
from tests.conftest import Api, System
from tests.enterprise.problems import code_of

Document = dict[str, Any]


@pytest.fixture
def path(partnership: Document) -> str:
    return f"/v1/partnerships/{partnership['id']}/nominations"


@pytest.fixture
async def nomination(api: Api, path: str, enterprise: Document) -> Document:
    return await api.make(path, {"enterprise_id": enterprise["id"]})


@asynccontextmanager
async def registry(system: System) -> AsyncIterator[AsyncSession]:
    """The service's own code on the service's own database, where a test sets the clock."""
    database = Database(create_engine(system.database_url("enterprise")))
    try:
        async with database.transaction() as session:
            yield session
    finally:
        await database.close()


def set_clock(monkeypatch: pytest.MonkeyPatch, instant: datetime) -> None:
    for module in (models, queries, commands):
        monkeypatch.setattr(module, "now", lambda: instant)


def end_of(nomination: Document) -> datetime:
    return datetime.fromisoformat(nomination["expires_at"])


async def overtake(system: System, nomination: Document) -> None:
    """Its last instant has just passed."""
    connection = await system.connect("enterprise")
    await connection.execute("update nominations set expires_at = now() where id = $1", UUID(nomination["id"]))
    await connection.close()


async def test_it_lasts_as_long_as_the_policy_of_its_country_says(api: Api, path: str) -> None:
    etag = (await api.get("/v1/country-policies/PW")).headers["ETag"]
    await api.patch("/v1/country-policies/PW", json={"nomination_days": 3}, headers={"If-Match": etag})
    for country, days in (("PW", 3), ("CN", 15)):
        enterprise = await api.make("/v1/enterprises", builders.enterprise(country=country))
        made = await api.make(path, {"enterprise_id": enterprise["id"]})
        lasts = end_of(made) - datetime.fromisoformat(made["created_at"])
        assert abs(lasts - timedelta(days=days)) < timedelta(minutes=1)


async def test_it_can_be_accepted_until_its_last_instant_and_not_from_then_on(
    system: System, nomination: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = UUID(nomination["partnership_id"]), UUID(nomination["id"])
    set_clock(monkeypatch, end_of(nomination))
    with pytest.raises(WrongState) as refused:
        async with registry(system) as session:
            await commands.accept_nomination(session, *ids, IfMatch())
    assert refused.value.members == {"state": "expired", "allowed_actions": []}
    set_clock(monkeypatch, end_of(nomination) - timedelta(microseconds=1))
    async with registry(system) as session:
        accepted = await commands.accept_nomination(session, *ids, IfMatch())
        assert accepted.state == NominationState.ACCEPTED


@pytest.mark.parametrize("verb", ["accept", "decline", "cancel"])
async def test_who_answers_too_late_is_told_so(
    api: Api, system: System, path: str, nomination: Document, verb: str
) -> None:
    await overtake(system, nomination)
    answer = await api.post(f"{path}/{nomination['id']}/{verb}")
    assert code_of(answer) == (409, "wrong-state")
    assert (answer.json()["state"], answer.json()["allowed_actions"]) == ("expired", [])


async def test_it_reads_as_expired_before_anybody_has_written_it_down(
    api: Api, system: System, path: str, nomination: Document
) -> None:
    other = await api.make("/v1/enterprises", builders.enterprise())
    fresh = await api.make(path, {"enterprise_id": other["id"]})
    await overtake(system, nomination)
    read = (await api.get(f"{path}/{nomination['id']}")).json()
    assert (read["state"], read["allowed_actions"]) == ("expired", [])

    async def found(state: str) -> list[str]:
        return [one["id"] for one in (await api.get(path, params={"state": state})).json()["items"]]

    assert await found("expired") == [nomination["id"]]
    assert await found("sent") == [fresh["id"]]
    assert await found("sent,expired") == [nomination["id"], fresh["id"]]


async def test_housekeeping_writes_it_down_and_tells_it_once(
    system: System, nomination: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = UUID(nomination["id"])
    set_clock(monkeypatch, end_of(nomination))
    async with registry(system) as session:
        assert await commands.expire_nominations(session) >= 1
    async with registry(system) as session:
        kept = await Nomination.named(session, id)
        assert (kept.state, kept.version) == (NominationState.EXPIRED, 2)
    connection = await system.connect("enterprise")
    told = await connection.fetch("select subject, by from outbox where aggregate_id = $1 order by seq", id)
    await connection.close()
    assert [row["subject"].split(".")[3] for row in told] == ["sent", "expired"]
    assert told[1]["by"] == "score"


async def test_an_enterprise_may_be_asked_again(api: Api, system: System, path: str, nomination: Document) -> None:
    await overtake(system, nomination)
    again = await api.make(path, {"enterprise_id": nomination["enterprise_id"]})
    assert (again["state"], again["id"] != nomination["id"]) == ("sent", True)
    assert end_of(again) > datetime.now(UTC)


async def test_what_was_accepted_does_not_expire(api: Api, system: System, path: str, nomination: Document) -> None:
    await api.do(f"{path}/{nomination['id']}", "accept")
    await overtake(system, nomination)
    assert (await api.get(f"{path}/{nomination['id']}")).json()["state"] == "accepted"
