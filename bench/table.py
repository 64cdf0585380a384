"""The table, for eyes and for docs/performance.md."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.measure import Row
from bench.place import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- written by make bench: begin -->", "<!-- written by make bench: end -->"
COLUMNS = ("what", "beside", "goal", "median", "min", "max", "")


def cells(row: Row) -> tuple[str, ...]:
    unit = f" {row.unit}" if row.unit else ""
    figures = (f"{figure:.3g}{unit}" for figure in (row.median, min(row.figures), max(row.figures)))
    return (row.what, row.peer, f"{row.goal}{unit}" if row.goal else "", *figures, verdict(row))


def verdict(row: Row) -> str:
    met = "" if row.goal is None else "met" if row.goal.is_met_by(row.median) else "missed"
    return "; ".join(part for part in (met, row.note) if part)


def show(rows: Sequence[Row], console: Console) -> None:
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*cells(row))
    console.print(table)


def write(rows: Sequence[Row], size: str, path: Path = PAGE) -> None:
    """Puts the table between the two marks of the page; the words around it are people's."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{told(rows, size)}\n{END}{after}", encoding="utf-8")


def told(rows: Sequence[Row], size: str) -> str:
    lines = [f"| {' | '.join(line)} |" for line in (COLUMNS, ("---",) * len(COLUMNS), *map(cells, rows))]
    return f"{about(size)}\n\n" + "\n".join(lines)


def about(size: str) -> str:
    memory = psutil.virtual_memory().total / 1e9
    busy = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, size `{size}`: {processor()}, {psutil.cpu_count()} processors that client, system and "
        f"peer share, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}, load {busy:.1f} at the end."
    )


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
