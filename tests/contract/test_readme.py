"""The README's first calls, as they stand there, against the running system."""

import argparse
import re
import shlex
from pathlib import Path

import httpx

from tests.conftest import System

ROOT = Path(__file__).parents[2]


def calls() -> list[str]:
    """The lines after `$ `, with those they go on in."""
    return re.findall(r"^\$ (curl (?:.*\\\n)*.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)


def asked(call: str, words: dict[str, str]) -> httpx.Response:
    """What curl would ask: the machine may have none."""
    for name, value in words.items():
        call = call.replace(name, value)
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-u")
    parser.add_argument("-d", "--data-binary", dest="body")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("url")
    told = parser.parse_args(shlex.split(call.replace("\\\n", " "))[1:])
    body = (ROOT / told.body[1:]).read_bytes() if (told.body or "").startswith("@") else told.body
    headers = dict(header.split(": ", 1) for header in told.headers)
    form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    auth = tuple(told.u.split(":")) if told.u else None
    return httpx.request(
        "POST" if body else "GET", told.url, headers=form | headers, content=body, auth=auth, timeout=60
    )


def test_the_first_calls_of_the_readme_are_answered(system: System) -> None:
    mine = system.credentials
    words = {"$ID": mine["client_id"], "$SECRET": mine["client_secret"], "$TOKEN": system.token()}
    words |= {"http://127.0.0.1:8000": system.url}
    assert len(calls()) == 5
    for call in calls():
        answer = asked(call, words)
        assert answer.is_success, (call, answer.text)
