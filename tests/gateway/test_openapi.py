import copy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared import errors
from shared.contract import problems
from tests.gateway.conftest import PUBLIC_URL, World, assert_problem
from tests.gateway.servers import Running, Service

REF = "#/components/schemas/{model}"


def resource(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}, **fields}, "title": name}


def document_of(collection: str, schema: str, **more_schemas: Any) -> dict[str, Any]:
    """A small document of the shape our services have."""
    refusal = errors.ProblemDocument.model_json_schema(ref_template=REF)
    refusal.pop("$defs", None)
    schemas = {"ProblemDocument": refusal, "Place": errors.Place.model_json_schema(), schema: resource(schema)}
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    answered = {"200": {"description": "Yes", "content": content}}
    return {
        "openapi": "3.1.0",
        "info": {"title": collection, "version": "1"},
        "paths": {
            f"/v1/{collection}": {
                "get": {
                    "operationId": f"list_{collection}",
                    "tags": [collection],
                    "description": f"All {collection}.",
                    "parameters": [{"name": "state", "in": "query", "schema": {"enum": ["open", "closed"]}}],
                    "responses": answered,
                },
                "post": {
                    "operationId": f"register_{collection}",
                    "tags": [collection],
                    "description": "Another one.",
                    "requestBody": {"content": content},
                    "responses": answered,
                },
            }
        },
        "components": {"schemas": schemas | more_schemas},
        "x-problems": {
            **problems(),
            f"{collection}-full": {"title": "Full", "status": 409, "explanation": "No `room`."},
        },
    }


@pytest.fixture
def described(world: World) -> Iterator[World]:
    before = {name: service.document for name, service in world.services.items()}
    for name, collection in {"enterprise": "enterprises", "training": "cycles", "metrics": "results"}.items():
        world.services[name].document = document_of(collection, f"{collection.title()}Out", Money=resource("Money"))
    yield world
    for name, service in world.services.items():
        service.document = before[name]


async def get(gateway: Running, path: str = "/openapi.json", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=20) as client:
        return await client.get(path, headers=headers)


async def test_one_document_of_all_services(described: World) -> None:
    with described.gateway() as gateway:
        answer = await get(gateway)
        again = await get(gateway, **{"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    document = answer.json()
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": PUBLIC_URL}]
    assert {"/v1/enterprises", "/v1/cycles", "/v1/results", "/oauth/token"} <= set(document["paths"])
    assert document["paths"]["/v1/cycles"]["get"]["security"] == [{"score": ["cycles:read"]}]
    assert document["paths"]["/v1/cycles"]["post"]["security"] == [{"score": ["cycles:write"]}]
    assert document["paths"]["/oauth/token"]["post"]["security"] == []
    flow = document["components"]["securitySchemes"]["score"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == f"{PUBLIC_URL}/oauth/token"
    assert "results:write" in flow["scopes"]
    assert {"results-full", "cycles-full", "unauthorized"} <= set(document["x-problems"])


async def test_what_the_gateway_documents_it_serves(described: World) -> None:
    with described.gateway() as gateway:
        document = (await get(gateway)).json()
        for path, item in document["paths"].items():
            if not path.startswith("/v1/"):
                for method in ("get", "post"):
                    async with httpx.AsyncClient(base_url=gateway.url) as client:
                        answer = await client.request(method, path.replace("{code}", "not-found"))
                    if method in item:
                        assert str(answer.status_code) in item[method]["responses"], (method, path)
                        assert answer.status_code != 405
                    else:
                        assert answer.status_code == 405


async def test_a_clash_of_names_keeps_the_last_good_document(
    described: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("services.gateway.openapi.FRESH_SECONDS", 0)
    training: Service = described.services["training"]
    good = training.document
    with described.gateway() as gateway:
        before = (await get(gateway)).json()
        training.document = copy.deepcopy(good)
        training.document["components"]["schemas"]["Money"]["properties"]["amount"] = {"type": "string"}
        assert (await get(gateway)).json() == before
        assert "Money" in capsys.readouterr().out
    with described.gateway() as restarted:
        assert (await get(restarted)).json() == before
        training.document = good
        assert (await get(restarted)).json() == before


async def test_two_services_with_one_path_clash(described: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.openapi.FRESH_SECONDS", 0)
    with described.gateway() as gateway:
        before = (await get(gateway)).json()
        described.services["metrics"].document = document_of("cycles", "Results")
        assert (await get(gateway)).json() == before


async def test_a_new_document_is_taken_up(described: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.openapi.FRESH_SECONDS", 0)
    with described.gateway() as gateway:
        before = await get(gateway)
        described.services["metrics"].document = document_of("surveys", "SurveyOut")
        after = await get(gateway)
    assert "/v1/surveys" in after.json()["paths"]
    assert "/v1/results" not in after.json()["paths"]
    assert before.headers["etag"] != after.headers["etag"]


async def test_the_document_survives_a_service_being_down(described: World, closed_port: int) -> None:
    with described.gateway() as gateway:
        whole = await get(gateway)
    down = f"http://127.0.0.1:{closed_port}"
    with described.gateway(SCORE_UPSTREAM_TRAINING=down, SCORE_UPSTREAM_METRICS=down) as gateway:
        kept = await get(gateway)
        page = await get(gateway, "/problems/results-full")
    assert kept.json() == whole.json()
    assert kept.headers["etag"] == whole.headers["etag"]
    assert page.json()["title"] == "Full"


async def test_the_docs_need_nothing_from_elsewhere(described: World) -> None:
    with described.gateway() as gateway:
        page = await get(gateway, "/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for hint in ("list_enterprises", "Wants the scope", "cycles:write", "open | closed", "/problems/results-full"):
        assert hint in page.text
    for asset in ("src=", "<link", "@import", "url("):
        assert asset not in page.text


async def test_what_services_say_is_text_not_html(described: World) -> None:
    operation = described.services["metrics"].document["paths"]["/v1/results"]["get"]
    operation["description"] = "<script>alert(1)</script>"
    with described.gateway() as gateway:
        page = await get(gateway, "/docs")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


async def test_every_problem_has_a_page(described: World) -> None:
    with described.gateway() as gateway:
        codes = (await get(gateway)).json()["x-problems"]
        for code, told in codes.items():
            answer = await get(gateway, f"/problems/{code}", Accept="application/json")
            assert answer.json() == {"type": f"/problems/{code}", "code": code, **told}
        people = await get(gateway, "/problems/results-full", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
        nothing = await get(gateway, "/problems/nonsense")
    assert people.headers["content-type"].startswith("text/html")
    assert "No <code>room</code>." in people.text
    assert_problem(nothing, 404, "not-found")
