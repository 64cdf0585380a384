"""What the console and the files make of the lines of different programs."""

import io
import json
from pathlib import Path

import pytest

from deploy.local import logs
from deploy.local.lines import is_quiet, readable, understood
from deploy.local.logs import Logs, RotatingFile


@pytest.mark.parametrize(
    ("service", "text", "level", "event"),
    [
        ("postgres", "LOG:  database system is ready", "info", "database system is ready"),
        ("postgres", 'ERROR:  relation "x" does not exist', "error", 'relation "x" does not exist'),
        ("postgres", "FATAL:  the database system is starting up", "info", "the database system is starting up"),
        ("nats", "[7] 2026/11/25 17:58:21.518015 [WRN] Slow", "warning", "Slow"),
        ("nats", "[7] 2026/11/25 17:58:21.518015 [INF]", "info", ""),
        ("metrics", "Traceback (most recent call last):", "error", "Traceback (most recent call last):"),
        ("metrics", "17", "error", "17"),
        ("migrations", "schema up to date", "info", "schema up to date"),
        ("gateway", '{"ts": "2026-11-25T17:00:00Z", "level": "warning", "event": "slow", "ms": 3}', "warning", "slow"),
    ],
)
def test_every_program_is_understood(service: str, text: str, level: str, event: str) -> None:
    line = understood(text, service)
    assert (line["service"], line["level"], line["event"]) == (service, level, event)
    assert line["ts"]


def test_a_line_shows_time_service_level_message_and_the_rest() -> None:
    text = '{"ts": "2026-11-25T17:00:01.5Z", "level": "info", "event": "request", "status": 200, "trace_id": "a"}'
    assert readable(understood(text, "gateway"), coloured=False) == "17:00:01 gateway    info    request status=200"


def test_no_line_steers_the_terminal() -> None:
    shown = readable(understood('{"event": "a\\u001b[2J\\nb"}', "gateway"), coloured=False)
    assert shown.endswith("a\ufffd[2J\ufffdb")


def test_good_health_of_the_servers_is_kept_off_the_console() -> None:
    assert is_quiet(understood("LOG:  checkpoint starting", "postgres"))
    assert not is_quiet(understood("ERROR:  no", "postgres"))
    assert not is_quiet(understood('{"level": "info", "event": "request"}', "gateway"))


def test_a_file_turns_when_it_is_full_and_the_oldest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 10)
    file = RotatingFile(tmp_path, "metrics")
    for number in range(8):
        file.write(f"line number {number}\n".encode())
    file.close()
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert found == {
        "metrics.jsonl": "line number 7\n",
        "metrics.1.jsonl": "line number 6\n",
        "metrics.2.jsonl": "line number 5\n",
        "metrics.3.jsonl": "line number 4\n",
    }


def test_a_line_without_end_is_cut_and_what_follows_is_read(tmp_path: Path) -> None:
    logged = Logs(tmp_path)
    logged.copy("metrics", io.BytesIO(b"x" * (3 * logs.LONGEST) + b"\nnext\n"))
    logged.close()
    lines = [json.loads(text) for text in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [len(line["event"]) for line in lines] == [logs.LONGEST] * 3 + [4]
