"""The OpenAPI document is the truth about the door: what it takes, what it answers, which headers go both ways."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.gateway.servers import Running
from tests.shared.door.conftest import bearer, make

EXAMPLES = 500 if os.environ.get("SCORE_SOAK") else 25
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
async def document(toys: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await toys.get("/openapi.json")).json()
    return found


@pytest.mark.parametrize("phases", ["examples,coverage", "fuzzing,stateful"])
def test_schemathesis_finds_nothing_with_all_its_checks(served: Running, tmp_path: Path, phases: str) -> None:
    program = [str(Path(sys.executable).with_name("schemathesis")), "--config-file"]
    program += [str(Path(__file__).with_name("schemathesis.toml")), "run", f"{served.url}/openapi.json"]
    how = ["--checks", "all", "--phases", phases, "--max-examples", str(EXAMPLES), "--workers", "2", "--seed", "7"]
    also = ["--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "20"]
    token = bearer()["Authorization"].removeprefix("Bearer ")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TOY_TOKEN": token}
    done = subprocess.run(
        [*program, *how, *also],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]


async def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def headers_of(document: dict[str, Any], path: str, method: str) -> dict[str, bool]:
    """Header parameters, and whether each is required."""
    components = document["components"]["parameters"]
    found = [components[one["$ref"].rpartition("/")[2]] for one in refs(document["paths"][path][method]["parameters"])]
    return {one["name"]: one["required"] for one in found}


def refs(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [part for part in parts if "$ref" in part]


async def test_each_operation_names_the_headers_it_takes(document: dict[str, Any]) -> None:
    always = {"X-Request-ID": False, "traceparent": False, "Consistency-Token": False}
    one = "/v1/toys/{toy_id}"
    assert headers_of(document, "/v1/toys", "get") == always | {"If-None-Match": False}
    assert headers_of(document, "/v1/toys", "post") == always | {"Idempotency-Key": False}
    assert headers_of(document, one, "patch") == always | {"If-Match": True}
    assert headers_of(document, one, "delete") == always | {"If-Match": True}
    assert headers_of(document, f"{one}/wind", "post") == always | {"Idempotency-Key": False, "If-Match": False}


async def test_each_answer_names_the_headers_it_gives(toys: httpx.AsyncClient, document: dict[str, Any]) -> None:
    """Held against real answers: each header of ours in them is named."""
    made = await make(toys)
    path = f"/v1/toys/{made['id']}"
    seen = [
        ("/v1/toys", "post", await toys.post("/v1/toys", json={"name": "a", "kind": "tin", "country": "GH"})),
        ("/v1/toys", "post", await toys.post("/v1/toys", content=b"x", headers={"Content-Type": "text/plain"})),
        ("/v1/toys", "get", await toys.get("/v1/toys?limit=1")),
        ("/v1/toys/{toy_id}", "get", await toys.get(path)),
        ("/v1/toys/{toy_id}", "get", await toys.get(path, headers={"If-None-Match": '"1"'})),
        ("/v1/toys/{toy_id}", "patch", await toys.patch(path, json={}, headers={"If-Match": '"1"'})),
        ("/v1/toys/{toy_id}/wind", "post", await toys.post(f"{path}/wind", headers={"Idempotency-Key": path})),
        ("/v1/toys/{toy_id}/wind", "post", await toys.post(f"{path}/wind", headers={"Idempotency-Key": path})),
        ("/v1/toys/{toy_id}", "delete", await toys.delete(path, headers={"If-Match": '"3"'})),
        ("/v1/toys", "get", await toys.get("/v1/toys", headers={"Authorization": "Bearer x"})),
        ("/v1/toys", "get", await toys.get("/v1/toys", headers=bearer(scope="x:read"))),
    ]
    for template, method, answer in seen:
        named = {name.lower() for name in answered_with(document, template, method, answer.status_code)["headers"]}
        unnamed = set(answer.headers) - named - {"date", "content-type", "content-length"}
        assert unnamed == set(), (template, method, answer.status_code)


def answered_with(document: dict[str, Any], path: str, method: str, status: int) -> dict[str, Any]:
    answer: dict[str, Any] = document["paths"][path][method]["responses"][str(status)]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer


async def test_each_operation_names_its_scope(document: dict[str, Any]) -> None:
    wanted = {
        (path, method): operation["security"]
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    assert wanted
    for (path, method), security in wanted.items():
        collection = path.split("/")[2]
        assert security == [{"score": [f"{collection}:{'read' if method == 'get' else 'write'}"]}]


async def test_long_things_are_said_once(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["MakeToy"]["properties"]["country"]["$ref"] == "#/components/schemas/Country"
    assert len(schemas["Country"]["enum"]) > 200
    refusal = document["paths"]["/v1/toys"]["get"]["responses"]["422"]
    assert refusal == {"$ref": "#/components/responses/Problem422"}


async def test_nothing_is_offered_that_is_not_in_the_document(served: Running, document: dict[str, Any]) -> None:
    routes = {
        (route.path, method.lower())
        for route in served.app.routes
        for method in route.methods
        if route.path.startswith("/v1/") and route.include_in_schema
    }
    assert routes == {(path, method) for path, item in document["paths"].items() for method in item}
