"""Exports as partners fetch them: every list has them, each role its fields, and a broken one arrives broken."""

import csv
import io
import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.files.media import CSV, NDJSON, XLSX
from tests import builders
from tests.conftest import Api, ClientOf, System
from tests.workbooks import sheets_in

FORMS = {CSV, NDJSON, XLSX}


async def test_every_list_says_and_does_that_it_is_given_as_a_file(api: Api) -> None:
    document = (await api.get("/openapi.json")).json()
    reached = 0
    for path, item in document["paths"].items():
        content = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        schema = json.dumps(content.get("application/json", {}))
        if not path.startswith("/v1/") or "Page" not in schema:
            continue
        assert set(content) == {"application/json", *FORMS}, path
        assert "406" in item["get"]["responses"], path
        if "{" not in path:
            reached += 1
            answer = await api.get(path, headers={"Accept": CSV})
            assert answer.status_code == 200, (path, answer.text)
            assert next(csv.reader(io.StringIO(answer.text))), path
    assert reached > 20


SUPPLIERS = 3


@pytest.fixture
async def supplied(api: Api, client_of: ClientOf) -> tuple[Api, list[str], str]:
    """A buyer, those of its suppliers that told it who they are, and one that did not."""
    buyer = await api.make("/v1/organisations", builders.organisation())
    known = []
    for _ in range(SUPPLIERS + 1):
        one = await api.make("/v1/enterprises", builders.enterprise(external_ref=builders.unique()))
        link = await api.make("/v1/supply-links", builders.supply_link(buyer["id"], one["id"]))
        await api.do(f"/v1/supply-links/{link['id']}", "confirm")
        known.append(one["id"])
    for id in known[:-1]:
        consent = {"enterprise_id": id, "grantee_id": buyer["id"], "scope": "identified_kpi", "from": "2012-01-01"}
        await api.make("/v1/consents", {**consent, "evidence": "signed on paper"})
    return await client_of("buyer", organisation_id=buyer["id"]), known[:-1], known[-1]


async def test_a_buyer_gets_its_own_fields_of_its_own_suppliers_and_leaves_receipts(
    api: Api, supplied: tuple[Api, list[str], str]
) -> None:
    buyer, known, silent = supplied
    text = (await buyer.get("/v1/enterprises", headers={"Accept": CSV})).text
    rows = list(csv.DictReader(io.StringIO(text)))
    told = [row["id"] for row in rows]
    assert [id for id in told if id in known] == known  # others may have told everybody who they are
    assert silent not in told
    assert not {"workforce.total", "address.city", "external_ref", "location.latitude"} & set(rows[0])
    assert "identifiers.gln" in rows[0]
    book = (await buyer.get("/v1/enterprises", headers={"Accept": XLSX})).content
    assert len(sheets_in(book)[0]) == 1 + len(rows)
    for id in known:
        log = (await api.get(f"/v1/enterprises/{id}/access-log")).json()["items"]
        assert [(one["operation"], "legal_name" in one["fields"]) for one in log] == [("list_enterprises", True)] * 2


async def test_heads_leave_no_receipts(api: Api, supplied: tuple[Api, list[str], str]) -> None:
    buyer, known, _ = supplied
    assert (await buyer.head("/v1/enterprises", headers={"Accept": CSV})).headers["content-type"].startswith(CSV)
    assert (await api.get(f"/v1/enterprises/{known[0]}/access-log")).json()["items"] == []


FILL = """
insert into enterprises
select (jsonb_populate_record(e, jsonb_build_object('id', uuidv7(), 'trade_names', names))).*
from enterprises e, generate_series(1, 1000) n,
     lateral (select array_agg(repeat(md5(random()::text || n || i), 15)) as names from generate_series(1, 50) i) a
where id = $1
"""
END_EXPORTS = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where application_name = 'enterprise' and state <> 'idle' and pid <> pg_backend_pid() and query like '%FROM enterprises%'
"""


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_an_export_that_breaks_off_arrives_broken(api: Api, system: System, encoding: str) -> None:
    connection = await system.connect("enterprise")
    one = await api.make("/v1/enterprises", builders.enterprise(country="TK"))
    await connection.execute(FILL, UUID(one["id"]))
    headers: Any = {"Accept": CSV, "Accept-Encoding": encoding}
    async with api.stream("GET", "/v1/enterprises?country=TK", headers=headers) as answer:
        assert answer.status_code == 200
        pieces = answer.aiter_raw()
        await anext(pieces)
        assert await connection.fetchval(END_EXPORTS) == 1
        with pytest.raises(httpx.RemoteProtocolError):
            [piece async for piece in pieces]
    await connection.execute("delete from enterprises where country = 'TK' and trade_names <> '{}'")
    await connection.close()
