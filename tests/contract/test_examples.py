"""What the document shows as an example, the running system takes."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import System

OF_NOTHING = "019a5c3e-7f00-7000-8000-00000000dead"
TAKEN = {"unknown-reference", "already-exists", "not-found", "wrong-state", "possible-duplicate"}
Document = dict[str, Any]


@pytest.fixture(scope="session")
def document(system: System) -> Document:
    found: Document = httpx.get(f"{system.url}/openapi.json", timeout=60).json()
    return found


def bodies(document: Document) -> Iterator[tuple[str, str, str, Any]]:
    """Method, path with ids of nothing, media type and example of every body there is."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            for kind, one in content.items():
                if path.startswith("/v1/") and kind in ("application/json", "text/csv"):
                    yield method, re.sub(r"\{[a-z_]+\}", OF_NOTHING, path), kind, one.get("example")


async def test_every_body_in_the_document_is_one_that_can_be_sent(api: httpx.AsyncClient, document: Document) -> None:
    """What it refers to is not there; all else is in order."""
    refused, sent = [], 0
    for method, path, kind, example in bodies(document):
        refused += [f"{method} {path}: no example"] if example is None else []
        content = {"content": example} if isinstance(example, str) else {"json": example}
        mode = "?mode=dry_run" if path.endswith("/imports") else ""
        answer = await api.request(method, path + mode, headers={"Content-Type": kind, "If-Match": '"1"'}, **content)
        told = answer.json()
        places = [place for place in told.get("errors", []) if place["code"] != "unknown_reference"]
        if not answer.is_success and told["code"] not in TAKEN and (told["code"] != "validation-failed" or places):
            refused.append(f"{method} {path}: {answer.text}")
        sent += 1
    assert refused == []
    assert sent > 50


def test_every_answer_in_the_document_has_an_example(document: Document) -> None:
    without = [
        f"{method} {path}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict)
        for status, answer in operation.get("responses", {}).items()
        for kind, content in answer.get("content", {}).items()
        if status.startswith("2") and kind == "application/json" and "example" not in content
    ]
    assert without == []


def test_the_page_shows_a_call_for_every_operation(system: System, document: Document) -> None:
    page = httpx.get(f"{system.url}/docs", timeout=60).text
    operations = sum("responses" in one for item in document["paths"].values() for one in item.values())
    assert page.count("<h3>Example</h3><pre>curl") == operations
