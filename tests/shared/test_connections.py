"""Questions over a few connections: none gets another's answer, none waits for one that is lost."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.connections import AT_ONCE, Connections
from tests.conftest import System

WHO = "select pg_backend_pid() as pid, current_setting('application_name') as name, $1::text as said"


@pytest.fixture
async def connections(system: System) -> AsyncIterator[Connections]:
    opened = Connections({"dsn": system.database_url("metrics")}, {"application_name": "asking"})
    yield opened
    await opened.close()


async def test_one_connection_is_enough_for_one_question_after_the_other(connections: Connections) -> None:
    answers = [(await connections.ask(WHO, str(n)))[0] for n in range(5)]
    assert [answer["said"] for answer in answers] == list("01234")
    assert {answer["name"] for answer in answers} == {"asking"}
    assert len({answer["pid"] for answer in answers}) == 1


async def test_so_many_are_asked_at_once_and_the_others_wait(connections: Connections) -> None:
    answers = await asyncio.gather(*(connections.ask(WHO, str(n)) for n in range(4 * AT_ONCE)))
    assert [rows[0]["said"] for rows in answers] == [str(n) for n in range(4 * AT_ONCE)]
    assert 1 < len({rows[0]["pid"] for rows in answers}) <= AT_ONCE


async def test_who_gives_up_leaves_the_answer_to_nobody(connections: Connections) -> None:
    (first,) = await connections.ask(WHO, "first")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(connections.ask("select 'late' as said, pg_sleep(60)"), 0.1)
    (next_,) = await connections.ask(WHO, "next")
    assert next_["said"] == "next"
    assert next_["pid"] != first["pid"]


async def test_what_the_database_refuses_costs_no_connection(connections: Connections) -> None:
    (before,) = await connections.ask(WHO, "before")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await connections.ask("select 1 / 0")
    with pytest.raises(asyncpg.DataError):
        await connections.ask(WHO, 1)
    (after,) = await connections.ask(WHO, "after")
    assert after["pid"] == before["pid"]


async def test_with_one_that_is_lost_the_free_ones_go(connections: Connections) -> None:
    asked = await asyncio.gather(*(connections.ask(f"{WHO}, pg_sleep(0.1)", "x") for _ in range(3)))
    lost = {rows[0]["pid"] for rows in asked}
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await connections.ask("select pg_terminate_backend(pg_backend_pid())")
    (after,) = await connections.ask(WHO, "after")
    assert after["pid"] not in lost
