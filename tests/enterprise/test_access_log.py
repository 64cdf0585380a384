"""Who is no staff and reads of an identified enterprise leaves a receipt that the enterprise can read."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.access_log.commands import keep_receipts
from shared.auth import Principal
from shared.db import Database, create_engine
from shared.events import metrics, training
from shared.events.access import Accesses
from shared.permissions.roles import Role
from shared.receipts import Keep, hand_over, note, told_as
from tests import builders
from tests.conftest import Api, System, pause
from tests.enterprise.problems import code_of

Document = dict[str, Any]
ORGANISATION = UUID("0190aaaa-0000-7000-8000-000000000001")
ELSEWHERE: dict[str, type[Accesses]] = {"metrics": metrics.AccessRecorded, "training": training.AccessRecorded}


def asking(role: Role = Role.BUYER) -> Principal:
    return Principal("buyer-1", "client-1", role, frozenset(), organisation_id=ORGANISATION)


@asynccontextmanager
async def inside(system: System, service: str) -> AsyncIterator[AsyncSession]:
    """A transaction of one service's, as a request has it."""
    database = Database(create_engine(system.database_url(service)))
    try:
        async with database.transaction() as session:
            yield session
    finally:
        await database.close()


async def read(
    session: AsyncSession,
    keep: Keep,
    ids: Sequence[str],
    consents: Sequence[str] = (),
    *,
    by: Principal | None = None,
    operation: str = "get_enterprise",
) -> None:
    """What the door does around a route that answers these enterprises."""
    await note(session, map(UUID, ids), ["workforce", "legal_name"], map(UUID, consents))
    await hand_over(session, by or asking(), operation, keep)


async def log_of(api: Api, id: str, **query: str) -> list[Document]:
    answer = await api.get(f"/v1/enterprises/{id}/access-log", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_it_says_who_read_what_under_which_consent_and_when(
    api: Api, system: System, buyer: Document, enterprise: Document
) -> None:
    other = await api.make("/v1/enterprises", builders.enterprise())
    mine = await api.make("/v1/consents", builders.consent(enterprise["id"], buyer["id"]))
    theirs = await api.make("/v1/consents", builders.consent(other["id"], buyer["id"]))
    async with inside(system, "enterprise") as session:
        await read(session, keep_receipts, [enterprise["id"], other["id"]], [theirs["id"], mine["id"]])
    [receipt] = await log_of(api, enterprise["id"])
    assert receipt.pop("at") > mine["created_at"]
    assert receipt == {
        "by": "buyer-1",
        "client_id": "client-1",
        "role": "buyer",
        "organisation_id": str(ORGANISATION),
        "operation": "get_enterprise",
        "fields": ["legal_name", "workforce"],
        "consent_ids": [mine["id"]],
        "request_id": "",
    }
    assert [one["consent_ids"] for one in await log_of(api, other["id"])] == [[theirs["id"]]]


@pytest.mark.parametrize("service", ELSEWHERE)
async def test_what_was_read_in_another_service_comes_to_the_same_log(
    api: Api, system: System, enterprise: Document, service: str
) -> None:
    async with inside(system, service) as session:
        await read(session, told_as(ELSEWHERE[service]), [enterprise["id"]], operation="get_results")
    for _ in range(200):
        if log := await log_of(api, enterprise["id"]):
            break
        await pause()
    assert [(one["operation"], one["by"], one["fields"]) for one in log] == [
        ("get_results", "buyer-1", ["legal_name", "workforce"])
    ]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.BUYER, Role.DONOR}))
async def test_others_leave_no_receipt(api: Api, system: System, enterprise: Document, role: Role) -> None:
    async with inside(system, "enterprise") as session:
        await read(session, keep_receipts, [enterprise["id"]], by=asking(role))
        await read(session, keep_receipts, [enterprise["id"]], by=asking(Role.DONOR))
    assert [one["role"] for one in await log_of(api, enterprise["id"])] == ["donor"]


async def test_an_answer_that_is_not_given_leaves_none(api: Api, system: System, enterprise: Document) -> None:
    with suppress(ZeroDivisionError):
        async with inside(system, "enterprise") as session:
            await read(session, keep_receipts, [enterprise["id"]])
            raise ZeroDivisionError
    assert await log_of(api, enterprise["id"]) == []


async def test_a_long_list_is_few_events_and_one_statement_each(system: System) -> None:
    ids = [f"0190aaaa-0000-7000-8000-{n:012x}" for n in range(4_500)]
    kept: list[Accesses] = []

    async def keep(_: AsyncSession, accesses: Accesses) -> None:
        kept.append(accesses)

    async with inside(system, "metrics") as session:
        await read(session, keep, ids)
    assert [len(one.readings[0].enterprise_ids) for one in kept] == [2_000, 2_000, 500]
    assert max(len(one.model_dump_json()) for one in kept) < 200_000


async def test_it_comes_in_pages_in_the_order_of_reading(api: Api, system: System, enterprise: Document) -> None:
    for n in range(5):
        async with inside(system, "enterprise") as session:
            await read(session, keep_receipts, [enterprise["id"]], operation=f"read_{n}")
    path = f"/v1/enterprises/{enterprise['id']}/access-log"
    first = (await api.get(path, params={"limit": "3", "count": "exact"})).json()
    rest = (await api.get(path, params={"limit": "3", "cursor": first["next_cursor"]})).json()
    assert [one["operation"] for one in (*first["items"], *rest["items"])] == [f"read_{n}" for n in range(5)]
    assert (first["total"], rest["next_cursor"]) == (5, None)


async def test_the_log_of_nobody_is_not_found(api: Api) -> None:
    answer = await api.get("/v1/enterprises/0190aaaa-0000-7000-8000-000000000000/access-log")
    assert code_of(answer) == (404, "not-found")


@pytest.mark.parametrize("statement", ["update access_receipts set by = ''", "delete from access_receipts"])
async def test_nobody_rewrites_it(system: System, statement: str) -> None:
    connection = await system.connect("enterprise")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()
