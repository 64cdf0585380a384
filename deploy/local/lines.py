"""One line of a process, whatever it speaks: as JSON for the file, and readable for the console."""

import json
import re
from datetime import UTC, datetime
from typing import Any

POSTGRES = re.compile(
    r"(?:\S+ )?(DEBUG\d?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|HINT|DETAIL|STATEMENT|CONTEXT): +(.*)"
)
NATS = re.compile(r"\[\d+\] \S+ \S+ \[(\w+)\] (.*)")
LEVELS = {
    "LOG": "info",
    "FATAL": "error",
    "PANIC": "error",
    "INF": "info",
    "WRN": "warning",
    "ERR": "error",
    "FTL": "error",
}
COLOURS = {"error": "\x1b[31m", "critical": "\x1b[31m", "warning": "\x1b[33m"}
NAMES = ("postgres", "nats", "enterprise", "training", "metrics", "gateway", "supervisor")
PALETTE = (34, 35, 36, 32, 94, 95, 37)
QUIET = ("ts", "level", "service", "event", "request_id", "trace_id", "logger")

Line = dict[str, Any]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def understood(text: str, service: str) -> Line:
    """JSON stays as it is; what the servers write becomes the same four fields."""
    if text.startswith("{"):
        try:
            return {"ts": now(), "level": "info", "service": service, "event": "", **json.loads(text)}
        except ValueError:
            pass
    for shape in (POSTGRES, NATS):
        if match := shape.fullmatch(text):
            level = LEVELS.get(match[1], "info" if match[1] not in ("WARNING", "ERROR") else match[1].lower())
            return line(service, match[2], level)
    return line(service, text)


def line(service: str, event: str, level: str = "info") -> Line:
    return {"ts": now(), "level": level, "service": service, "event": event}


def readable(line: Line, coloured: bool) -> str:
    """Time, service, level, message, then whatever else it says."""
    rest = " ".join(f"{key}={value}" for key, value in line.items() if key not in QUIET and value is not None)
    service, level = str(line["service"]), str(line["level"])
    time, shown = str(line["ts"])[11:19], f"{service:<10}"
    if coloured:
        colour = PALETTE[NAMES.index(service)] if service in NAMES else 37
        shown = f"\x1b[{colour}m{shown}\x1b[0m"
        level = f"{COLOURS.get(level, '')}{level:<7}\x1b[0m"
    return f"{time} {shown} {level:<7} {line['event']} {rest}".rstrip()
