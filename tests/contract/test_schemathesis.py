"""Schemathesis over the merged document, against the running system: no 5xx, nothing undocumented, nothing wrong let in."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import System, start_system, stop_system

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
]
REFUSALS = """[checks]
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "406", "408", "409", "412", "413", "414", "415",
  "422", "428", "429", "431", "503"]
"""
WHOLE = "/v1/organisations"
HEADERS = {"X-Request-ID", "traceparent", "Consistency-Token", "Idempotency-Key", "If-None-Match", "If-Match"}
OF_LISTS = {"limit", "cursor", "count", "sort", "updated_since", "external_ref"}
SOAK = bool(os.environ.get("SCORE_SOAK"))
PHASES = ["examples,coverage", *(["fuzzing"] if SOAK else [])]  # fuzzing finds little in a minute
EXAMPLES = 50  # as many as are tried while a token lasts


@pytest.fixture
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of its own for each phase: what is tried here ends clients, the one it asks with among them."""
    system, process = start_system(tmp_path_factory.mktemp("attacked"))
    yield system
    stop_system(process)


def document_of(system: System) -> dict[str, Any]:
    """Without what is read in one way for every operation, a body's second media type too: that is tried on one collection."""
    document: dict[str, Any] = httpx.get(f"{system.url}/openapi.json", timeout=60).json()
    for path, item in document["paths"].items():
        for operation in item.values():
            if isinstance(operation, dict) and not path.startswith(WHOLE):
                operation["parameters"] = [one for one in operation.get("parameters", []) if not is_shared(one)]
                content = operation.get("requestBody", {}).get("content", {})
                for kind in list(content)[1:]:
                    del content[kind]
    return document


def is_shared(parameter: dict[str, Any]) -> bool:
    name = parameter["$ref"].rpartition("/")[2] if "$ref" in parameter else parameter["name"]
    return name in HEADERS | OF_LISTS


@pytest.mark.parametrize("phase", PHASES)
def test_no_request_finds_an_answer_that_the_document_does_not_know(
    attacked: System, phase: str, tmp_path: Path
) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(document_of(attacked)))
    program = [str(Path(sys.executable).with_name("schemathesis")), "run", "openapi.json", "--url", attacked.url]
    how = ["--checks", ",".join(CHECKS), "--phases", phase, "--max-examples", str(EXAMPLES)]
    # a fixed seed: what is found once is found again. One worker: Python 3.11 can't parse Python in two threads at once
    also = ["--seed", "20261125", "--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "30"]
    only = ["--include-path-regex", "^/v1/", "-H", f"Authorization: Bearer {attacked.token()}"]
    (tmp_path / "schemathesis.toml").write_text(REFUSALS)  # else one in a folder above would count
    done = subprocess.run([*program, *how, *also, *only], capture_output=True, text=True, cwd=tmp_path, timeout=900)
    assert done.returncode == 0, done.stdout[-20_000:]
