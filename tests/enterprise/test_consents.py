from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.enterprise_svc.consents.commands import grant_consent
from services.enterprise_svc.consents.schemas import GrantConsent
from shared.db import Database, create_engine
from tests import builders
from tests.conftest import Api, System
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]
UNKNOWN = "0190aaaa-0000-7000-8000-000000000000"
PATH = "/v1/consents"


@pytest.fixture
async def consent(api: Api, buyer: Document, enterprise: Document) -> Document:
    return await api.make(PATH, builders.consent(enterprise["id"], buyer["id"]))


@pytest.fixture
async def database(system: System) -> AsyncIterator[asyncpg.Connection]:
    connection = await system.connect("enterprise")
    yield connection
    await connection.close()


async def test_every_field_comes_back(api: Api, buyer: Document, enterprise: Document) -> None:
    sent = builders.consent(
        enterprise["id"], buyer["id"], purpose="Progress report", until="2013-12-31", external_ref=builders.unique()
    )
    answer = await api.post(PATH, json=sent)
    made = answer.json()
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert {name: made[name] for name in sent} == sent
    assert (made["state"], made["withdrawn_at"], made["allowed_actions"]) == ("granted", None, ["withdraw"])
    assert (await api.get(answer.headers["Location"])).json() == made


async def test_the_public_may_be_whom_it_is_given_to(api: Api, enterprise: Document) -> None:
    made = await api.make(PATH, builders.consent(enterprise["id"], "public", scope="case_study"))
    assert (made["grantee_id"], made["scope"]) == ("public", "case_study")


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"enterprise_id": UNKNOWN}, "unknown-reference", ("/enterprise_id", "unknown_reference")),
        ({"grantee_id": UNKNOWN}, "unknown-reference", ("/grantee_id", "unknown_reference")),
        ({"grantee_id": None}, "validation-failed", ("/grantee_id", "malformed_id")),
        ({"grantee_id": "everybody"}, "validation-failed", ("/grantee_id", "malformed_id")),
        ({"scope": "everything"}, "validation-failed", ("/scope", "not_one_of")),
        ({"from": None}, "validation-failed", ("/from", "malformed_date")),
        ({"since": "2012-03-01"}, "validation-failed", ("/since", "extra_forbidden")),
        ({"until": "2012-02-29"}, "validation-failed", ("/until", "before_begin")),
        ({"evidence": None}, "validation-failed", ("/evidence", "missing")),
        ({"withdrawn_at": "2012-04-01T00:00:00Z"}, "validation-failed", ("/withdrawn_at", "extra_forbidden")),
        ({"state": "withdrawn"}, "validation-failed", ("/state", "read_only")),
    ],
)
async def test_a_mistake_is_refused_at_its_place(
    api: Api, buyer: Document, enterprise: Document, changes: Document, code: str, place: tuple[str, str]
) -> None:
    answer = await api.post(PATH, json=builders.consent(enterprise["id"], buyer["id"], **changes))
    assert (code_of(answer), places_in(answer)) == ((422, code), {place})


async def test_the_first_day_is_called_by_its_name_in_the_api(api: Api, enterprise: Document) -> None:
    answer = await api.post(PATH, json=builders.consent(enterprise["id"], until="2012-02-29"))
    assert answer.json()["errors"][0]["detail"] == "until (2012-02-29) is before from (2012-03-01)."


async def test_the_enterprise_itself_needs_no_evidence(system: System, enterprise: Document) -> None:
    database = Database(create_engine(system.database_url("enterprise")))
    command = GrantConsent.model_validate(builders.consent(enterprise["id"], evidence=None))
    async with database.transaction() as session:
        assert (await grant_consent(session, command, by_enterprise=True)).evidence is None
    await database.close()


async def test_it_is_withdrawn_once_and_at_once(api: Api, consent: Document) -> None:
    path = f"{PATH}/{consent['id']}"
    withdrawn = await api.do(path, "withdraw")
    assert (withdrawn["state"], withdrawn["version"], withdrawn["allowed_actions"]) == ("withdrawn", 2, [])
    assert withdrawn["withdrawn_at"] is not None
    again = await api.post(f"{path}/withdraw")
    assert code_of(again) == (409, "wrong-state")
    assert (await api.get(path)).json() == withdrawn


async def test_a_version_that_is_sent_is_honoured(api: Api, consent: Document) -> None:
    path = f"{PATH}/{consent['id']}/withdraw"
    assert code_of(await api.post(path, headers={"If-Match": '"7"'})) == (412, "precondition-failed")
    assert (await api.post(path, headers={"If-Match": '"1"'})).status_code == 200


async def test_nobody_rewrites_the_ledger(api: Api, consent: Document) -> None:
    path = f"{PATH}/{consent['id']}"
    for method in ("PATCH", "PUT", "DELETE"):
        answer = await api.request(method, path, json={"scope": "aggregate"}, headers={"If-Match": '"1"'})
        assert code_of(answer) == (405, "method-not-allowed")


@pytest.mark.parametrize(
    "statement",
    [
        "update consents set scope = 'case_study' where id = $1",
        "update consents set until = null where id = $1",
        "update consents set grantee_id = null where id = $1",
        "delete from consents where id = $1",
    ],
)
async def test_the_service_has_no_right_to(consent: Document, database: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.execute(statement, UUID(consent["id"]))


@pytest.mark.parametrize("until", ["null", "now() - interval '1 year'"])
async def test_a_withdrawal_is_never_taken_back(
    api: Api, consent: Document, database: asyncpg.Connection, until: str
) -> None:
    await api.do(f"{PATH}/{consent['id']}", "withdraw")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never rewritten"):
        await database.execute(f"update consents set withdrawn_at = {until} where id = $1", UUID(consent["id"]))


async def test_its_version_tells_of_its_withdrawal_alone(consent: Document, database: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never rewritten"):
        await database.execute("update consents set version = 7 where id = $1", UUID(consent["id"]))


# --- what was live when ----------------------------------------------------------------------------------------


async def found(api: Api, **filters: str) -> list[str]:
    return [one["id"] for one in (await api.get(PATH, params=filters)).json()["items"]]


async def test_the_past_is_answered(api: Api, buyer: Document, enterprise: Document) -> None:
    mine = {"enterprise_id": enterprise["id"]}
    first = await api.make(PATH, builders.consent(enterprise["id"], buyer["id"], until="2012-12-31"))
    second = await api.make(PATH, builders.consent(enterprise["id"], buyer["id"], **{"from": "2013-01-01"}))
    ids = [first["id"], second["id"]]
    assert await found(api, **mine) == ids
    assert await found(api, **mine, as_of="2012-02-29T23:59:59Z") == []
    assert await found(api, **mine, as_of="2012-03-01T00:00:00Z") == ids[:1]
    assert await found(api, **mine, as_of="2012-12-31T23:59:59.999Z") == ids[:1]
    assert await found(api, **mine, as_of="2013-01-01T00:00:00Z") == ids[1:]
    assert await found(api, **mine, as_of="2013-01-01T07:00:00%2B08:00".replace("%2B", "+")) == ids[:1]


async def test_a_withdrawal_ends_it_at_its_instant(api: Api, consent: Document) -> None:
    mine = {"enterprise_id": consent["enterprise_id"]}
    withdrawn = (await api.do(f"{PATH}/{consent['id']}", "withdraw"))["withdrawn_at"]
    instant = datetime.fromisoformat(withdrawn)
    before = instant.replace(microsecond=instant.microsecond - 1 if instant.microsecond else 0)
    assert await found(api, **mine, as_of=before.isoformat()) == [consent["id"]]
    assert await found(api, **mine, as_of=withdrawn) == []


@pytest.mark.parametrize("as_of", ["2012-03-01", "yesterday", "2012-03-01T00:00:00"])
async def test_a_point_in_time_is_an_instant(api: Api, as_of: str) -> None:
    answer = await api.get(PATH, params={"as_of": as_of})
    assert (code_of(answer), places_in(answer)) == ((422, "validation-failed"), {("as_of", "malformed_instant")})


async def test_they_are_found_by_whom_for_what_and_when(api: Api, buyer: Document, enterprise: Document) -> None:
    mine = {"enterprise_id": enterprise["id"]}
    named = await api.make(PATH, builders.consent(enterprise["id"], buyer["id"], until="2012-12-31"))
    public = await api.make(PATH, builders.consent(enterprise["id"], scope="aggregate"))
    await api.do(f"{PATH}/{public['id']}", "withdraw")
    assert await found(api, grantee_id=buyer["id"]) == [named["id"]]
    assert await found(api, **mine, grantee_id="public") == [public["id"]]
    assert await found(api, **mine, grantee_id=f"public,{buyer['id']}") == [named["id"], public["id"]]
    assert await found(api, **mine, scope="aggregate,case_study") == [public["id"]]
    assert await found(api, **mine, state="granted") == [named["id"]]
    assert await found(api, **mine, state="withdrawn") == [public["id"]]
    assert await found(api, **mine, **{"from": "2013-01-01"}) == [public["id"]]
    assert await found(api, **mine, to="2012-02-29") == []


# --- elsewhere -------------------------------------------------------------------------------------------------


async def copy_in_metrics(api: Api, system: System, id: str) -> Document | None:
    assert (await api.get("/v1/indicators?limit=1")).status_code == 200  # answered when all has arrived there
    connection = await system.connect("metrics")
    row = await connection.fetchrow("select * from consent_views where id = $1", UUID(id))
    await connection.close()
    return dict(row) if row else None


async def test_a_withdrawal_is_known_to_metrics_when_it_is_asked_next(
    api: Api, system: System, consent: Document
) -> None:
    granted = await copy_in_metrics(api, system, consent["id"])
    assert granted is not None
    assert {name: str(granted[name]) for name in ("enterprise_id", "grantee_id", "scope", "since", "until")} == {
        "enterprise_id": consent["enterprise_id"],
        "grantee_id": consent["grantee_id"],
        "scope": "identified_kpi",
        "since": "2012-03-01",
        "until": "None",
    }
    assert granted["withdrawn_at"] is None
    withdrawn = await api.do(f"{PATH}/{consent['id']}", "withdraw")
    copied = await copy_in_metrics(api, system, consent["id"])
    assert copied is not None
    assert copied["withdrawn_at"] == datetime.fromisoformat(withdrawn["withdrawn_at"])
