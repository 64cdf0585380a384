"""What the environment says, and what it must not say: a process that is told nonsense says so and does not start."""

from pathlib import Path

import pytest

from shared.settings import GatewaySettings, ServiceSettings

GIVEN = {
    "SCORE_DATABASE_URL_ENTERPRISE": "postgresql://somewhere/score",
    "SCORE_SECRET": "a secret",
    "SCORE_JWKS_URL": "http://gateway/oauth/jwks",
    "SCORE_NATS_URL": "nats://broker",
}


def test_what_is_left_out_has_a_default() -> None:
    settings = ServiceSettings.read("enterprise", GIVEN)
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert (settings.nats.user, settings.nats.durability, settings.log_format) == ("enterprise", "", "json")


@pytest.mark.parametrize("name", GIVEN)
def test_what_is_needed_and_missing_is_named(name: str) -> None:
    with pytest.raises(SystemExit, match=f"^{name} is not set"):
        ServiceSettings.read("enterprise", {**GIVEN, name: ""})


@pytest.mark.parametrize("name", GIVEN)
def test_each_may_be_given_as_a_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{GIVEN[name]}\n")
    variables = {other: value for other, value in GIVEN.items() if other != name}
    by_file = ServiceSettings.read("enterprise", variables | {f"{name}_FILE": str(tmp_path / "secret")})
    assert by_file == ServiceSettings.read("enterprise", GIVEN)


def test_a_file_that_is_not_there_is_named_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"^The file that SCORE_SECRET_FILE names can't be read: FileNotFoundError\.$"):
        ServiceSettings.read("enterprise", GIVEN | {"SCORE_SECRET_FILE": str(tmp_path / "nothing")})


@pytest.mark.parametrize("value", ["x", "-1", "8000.0", " 8000", "٨"])
@pytest.mark.parametrize("name", ["SCORE_PORT_ENTERPRISE", "SCORE_IMPORT_MAX_BYTES"])
def test_a_number_that_is_none_is_named(name: str, value: str) -> None:
    with pytest.raises(SystemExit, match=f"^{name} must be a whole number"):
        ServiceSettings.read("enterprise", GIVEN | {name: value})


def test_secrets_are_not_shown() -> None:
    settings = ServiceSettings.read("enterprise", GIVEN | {"SCORE_NATS_PASSWORD_ENTERPRISE": "a password"})
    shown = repr(settings) + str(settings)
    assert not any(secret in shown for secret in ("a secret", "a password", "somewhere/score"))


def test_the_gateway_answers_to_its_own_name_and_those_it_is_given() -> None:
    variables = GIVEN | {
        "SCORE_DATABASE_URL_GATEWAY": "postgresql://somewhere/score",
        "SCORE_PUBLIC_URL": "https://score.example.org/",
        "SCORE_ALLOWED_HOSTS": "inside.example.org, , other.example.org",
        **{f"SCORE_UPSTREAM_{name}": "http://service" for name in ("ENTERPRISE", "TRAINING", "METRICS")},
    }
    settings = GatewaySettings.read(variables)
    assert settings.public_url == "https://score.example.org"
    named = {"score.example.org", "inside.example.org", "other.example.org"}
    assert set(settings.allowed_hosts) == named | {"localhost", "127.0.0.1", "[::1]"}
