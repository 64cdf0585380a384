"""Schemathesis over the merged document, against the running system: no 5xx, nothing undocumented, nothing wrong let in."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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
EXAMPLES = 200 if os.environ.get("SCORE_SOAK") else 12


@pytest.fixture
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of its own for each phase: what is tried here ends clients, the one it asks with among them."""
    system, process = start_system(tmp_path_factory.mktemp("attacked"))
    yield system
    stop_system(process)


@pytest.mark.parametrize("phase", ["examples,coverage", "fuzzing"])
def test_no_request_finds_an_answer_that_the_document_does_not_know(
    attacked: System, phase: str, tmp_path: Path
) -> None:
    program = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{attacked.url}/openapi.json"]
    how = ["--checks", ",".join(CHECKS), "--phases", phase, "--max-examples", str(EXAMPLES)]
    # a fixed seed: what is found once is found again. One worker: Python 3.11 can't parse Python in two threads at once
    also = ["--seed", "20261125", "--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "30"]
    only = ["--include-path-regex", "^/v1/", "-H", f"Authorization: Bearer {attacked.token()}"]
    (tmp_path / "schemathesis.toml").write_text(REFUSALS)  # else one in a folder above would count
    whole = {"capture_output": True, "text": True, "cwd": tmp_path, "timeout": 900}
    # a short environment: all of it is looked through for proxies at each request
    done = subprocess.run([*program, *how, *also, *only], env={"PATH": os.environ["PATH"]}, **whole)
    assert done.returncode == 0, done.stdout[-20_000:]
