"""The system in containers can't be started here; what can be checked without is."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.settings import Environment, GatewaySettings, NatsSettings, ServiceSettings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
SERVICES = ("enterprise", "training", "metrics")
VARIABLE = re.compile(r"\$\{?([A-Z_]+)")
NUMBERS = ("REPLICAS", "BYTES", "LIMIT", "SECONDS", "DAYS")
OF_OURS = re.compile(r"\$(SCORE_[A-Z_]+)")


class Recorder(dict[str, str]):
    """An environment in which everything is set, and which remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        if name.endswith("_FILE"):
            return None
        self.asked.add(name)
        if name.endswith("ISSUERS"):
            return "[]"
        return "8000" if "PORT" in name else "1" if name.endswith(NUMBERS) else "something"


def environment_of(name: str) -> set[str]:
    return set(COMPOSE[name].get("environment", {}))


def test_the_file_follows_the_compose_schema() -> None:
    program = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*program, str(ROOT / "docker-compose.yml")], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_gets_exactly_the_variables_it_reads(name: str) -> None:
    variables = Recorder()
    ServiceSettings.read(name, variables)
    assert environment_of(name) == variables.asked


def test_the_gateway_gets_exactly_the_variables_it_reads() -> None:
    variables = Recorder()
    GatewaySettings.read(variables)
    assert environment_of("gateway") == variables.asked


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
def test_only_the_migration_job_has_the_owners_url(name: str) -> None:
    assert environment_of(f"migrate-{name}") == {f"SCORE_MIGRATION_URL_{name.upper()}"}
    others = [other for other in COMPOSE if f"SCORE_MIGRATION_URL_{name.upper()}" in environment_of(other)]
    assert others == [f"migrate-{name}"]


def test_the_streams_job_gets_exactly_the_variables_it_reads() -> None:
    variables = Recorder()
    env = Environment(variables)
    NatsSettings.read(env, "admin")
    env.get("SCORE_NATS_REPLICAS")
    assert environment_of("streams") == variables.asked


def test_no_service_holds_another_ones_password() -> None:
    for name in SERVICES:
        others = [f"PASSWORD_{other.upper()}" for other in (*SERVICES, "admin") if other != name]
        assert not [variable for variable in environment_of(name) if variable.endswith(tuple(others))]


def test_the_broker_is_given_every_variable_its_configuration_names() -> None:
    lines = (ROOT / "deploy" / "nats" / "nats.conf").read_text().splitlines()
    code = "\n".join(line.split("#")[0] for line in lines)
    assert set(OF_OURS.findall(code)) == environment_of("nats")
    assert re.search(r"sync_interval:\s*always", code)


def test_the_example_names_every_variable_that_must_be_filled_in() -> None:
    example = (ROOT / "deploy" / "compose.env.example").read_text()
    offered = {line.split("=")[0] for line in example.splitlines() if "=" in line and not line.startswith("#")}
    assert set(VARIABLE.findall((ROOT / "docker-compose.yml").read_text())) == offered


def test_the_image_runs_as_nobody_special_and_installs_by_hash() -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    assert any(line.startswith("USER ") and line != "USER root" for line in lines)
    assert any("--require-hashes" in line for line in lines)


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
def test_every_service_has_a_health_check_and_waits_for_the_migrations(name: str) -> None:
    assert COMPOSE[name]["healthcheck"]["test"]
    if name != "gateway":
        needed = COMPOSE[name]["depends_on"]
        assert needed[f"migrate-{name}"] == {"condition": "service_completed_successfully"}
        assert needed["streams"] == {"condition": "service_completed_successfully"}
