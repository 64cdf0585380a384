"""The committed documents say what the code does, and the running system says the same."""

import subprocess
import sys
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from deploy.docs.openapi import PUBLIC_URL, merged
from tests.conftest import System

METHODS = ("get", "put", "post", "delete", "patch")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return merged(PUBLIC_URL)


def test_the_committed_documents_are_current() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "deploy.docs", "--check", "openapi", "events", "permissions"],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_running_system_describes_itself_as_committed(system: System) -> None:
    live = httpx.get(f"{system.url}/openapi.json", timeout=60).json()
    ours = merged(system.url)
    assert live["paths"] == ours["paths"]
    assert live["components"]["schemas"] == ours["components"]["schemas"]


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert not list(OpenAPIV31SpecValidator(document).iter_errors())


def test_every_operation_has_a_name_of_its_own_a_sentence_and_its_refusals(document: dict[str, Any]) -> None:
    operations = [
        (f"{method} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    names = [operation["operationId"] for _, operation in operations]
    assert len(set(names)) == len(names)
    assert [
        name for name, operation in operations if not (operation.get("summary") or operation.get("description"))
    ] == []
    under_v1 = [(name, operation) for name, operation in operations if " /v1/" in name]
    assert under_v1
    assert [name for name, operation in under_v1 if not {"401", "403", "422"} <= operation["responses"].keys()] == []
