"""One line of a process, whatever it speaks: as JSON for the file, and readable for the console."""

import re
from datetime import UTC, datetime
from typing import Any

import orjson

POSTGRES = re.compile(r"(DEBUG\d?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|HINT|DETAIL|CONTEXT): +(.*)")
NATS = re.compile(r"\[\d+\] \S+ \S+ \[(\w+)\] ?(.*)")
LEVELS = {"WARNING": "warning", "ERROR": "error", "FATAL": "error", "PANIC": "error"}
LEVELS |= {"WRN": "warning", "ERR": "error", "FTL": "error"}
# True, and nothing to be done about: passwords are made here for the loopback and kept where nobody else reads; and
# whoever asks while the database starts asks again.
KNOWN = ("Plaintext passwords detected", "the database system is")
SERVERS = ("postgres", "nats", "initdb")
SPEAK_JSON = ("enterprise", "training", "metrics", "gateway")
COLOURS = {"error": "\x1b[31m", "critical": "\x1b[31m", "warning": "\x1b[33m"}
PALETTE = dict(zip((*SPEAK_JSON, "postgres", "nats", "supervisor"), (36, 35, 34, 32, 94, 95, 1), strict=True))
UNSAID = ("ts", "level", "service", "event", "request_id", "trace_id")
CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], "\ufffd")  # no line may steer a terminal

Line = dict[str, Any]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def understood(text: str, service: str) -> Line:
    """JSON stays as it is; what the servers write becomes the same four fields."""
    if found := json_line(text):
        return line(service, "") | found
    shape = NATS if service == "nats" else POSTGRES
    if service in SERVERS and (match := shape.fullmatch(text)):
        known = match[2].startswith(KNOWN)
        return line(service, match[2], "info" if known else LEVELS.get(match[1], "info"))
    return line(service, text, "error" if service in SPEAK_JSON else "info")  # a traceback


def json_line(text: str) -> Line | None:
    try:
        found = orjson.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def line(service: str, event: str, level: str = "info") -> Line:
    return {"ts": now(), "level": level, "service": service, "event": event}


def is_quiet(line: Line) -> bool:
    """What the servers say of their good health is in the files only."""
    return line["level"] == "info" and line["service"] in SERVERS


def readable(line: Line, coloured: bool) -> str:
    """Time, service, level, message, then whatever else it says."""
    more = " ".join(f"{key}={value}" for key, value in line.items() if key not in UNSAID and value is not None)
    service, level, said = f"{line['service']:<10}", f"{line['level']:<7}", f"{line['event']} {more}".rstrip()
    if coloured:
        service = f"\x1b[{PALETTE.get(line['service'], 37)}m{service}\x1b[0m"
        level = f"{COLOURS.get(line['level'], '')}{level}\x1b[0m"
    return f"{str(line['ts'])[11:19]} {service} {level} {said.translate(CONTROLS)}"
