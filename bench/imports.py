"""Files: a validated import beside the plainest way of getting the same rows into PostgreSQL, and the memory it needs."""

import asyncio
import io
import time
from collections.abc import Callable
from typing import Any

import httpx

from bench.measure import Row, Run, Sample, WrongAnswer, at_least, at_most, in_turn
from bench.place import Place
from bench.processes import resident_megabytes
from bench.records import as_csv, enterprise

HEAP = "heap"
UNFINISHED = ("queued", "running")
LOOK_SECONDS = 0.05
PAUSE_SECONDS = 2.0  # for what the last file left to do
FIRST_OF_MANY = 10_000_000


def nothing() -> None:
    """Nobody looks meanwhile."""


async def finished(
    api: httpx.AsyncClient,
    collection: str,
    file: bytes,
    every: float = LOOK_SECONDS,
    look: Callable[[], None] = nothing,
) -> dict[str, Any]:
    """The job at its end; `WrongAnswer` unless it succeeded. `look` is called all the time it works."""
    headers = {"Content-Type": "text/csv"}
    started = await api.post(f"{collection}/imports?mode=partial", content=file, headers=headers)
    if started.status_code != 202:
        raise WrongAnswer(f"{started.status_code}: {started.text[:300]}")
    while (job := (await api.get(started.headers["Location"])).json())["state"] in UNFINISHED:
        look()
        await asyncio.sleep(every)
    if job["state"] != "succeeded":
        raise WrongAnswer(f"the import {job['state']}: {job['problem']}")
    return dict(job)


async def measure(place: Place) -> list[Row]:
    await place.make_database(HEAP)
    files = Files()
    pairs = await in_turn("import", raw_copy(place, files), validated(place, files), place.size.pairs, place.say)
    return [
        Row(
            "import: rows a second, with report and events",
            "raw `COPY` into a heap",
            at_least(0.15),
            pairs.ratios("rate"),
        ),
        Row("import: rows a second", "", None, pairs.candidates("rate"), unit="rows/s"),
        *await memory(place, files),
    ]


class Files:
    """Each has enterprises that no earlier one had."""

    def __init__(self) -> None:
        self._next = FIRST_OF_MANY

    def next(self, rows: int) -> bytes:
        first, self._next = self._next, self._next + rows
        return as_csv([enterprise(n) for n in range(first, first + rows)])


def raw_copy(place: Place, files: Files) -> Run:
    async def run() -> Sample:
        file = files.next(place.size.rows)
        columns = [f'"{name}" text' for name in file.partition(b"\n")[0].decode().strip().split(",")]
        database = await place.connect(HEAP)
        try:
            await database.execute(f"drop table if exists rows; create table rows ({', '.join(columns)})")
            began = time.monotonic()
            await database.copy_to_table("rows", source=io.BytesIO(file), format="csv", header=True)
            seconds = time.monotonic() - began
            stored = await database.fetchval("select count(*) from rows")
        finally:
            await database.close()
        if stored != place.size.rows:
            raise WrongAnswer(f"{stored} rows instead of {place.size.rows}")
        return {"rate": place.size.rows / seconds}

    return run


def validated(place: Place, files: Files) -> Run:
    async def run() -> Sample:
        file = files.next(place.size.rows)
        async with place.api() as api:
            began = time.monotonic()
            job = await finished(api, "/v1/enterprises", file)
            seconds = time.monotonic() - began
        insist(job, place.size.rows)
        return {"rate": place.size.rows / seconds}

    return run


def insist(job: dict[str, Any], rows: int) -> None:
    if job["summary"]["created"] != rows:
        raise WrongAnswer(f"{job['summary']} instead of {rows} created")


async def memory(place: Place, files: Files) -> list[Row]:
    """Of the service while it works on a file, beyond what it had before; a tenth of the file for comparison."""
    few, many = place.size.many_rows // 10, place.size.many_rows
    small, _ = await growth(place, files.next(few), few)
    large, peak = await growth(place, files.next(many), many)
    note = f"{large:.0f} MB more than before; with a tenth of the rows {small:.0f} MB more"
    what = f"import of {many:,} rows: memory of the service"
    return [Row(what, "", at_most(300), [peak], unit="MB", note=note)]


async def growth(place: Place, file: bytes, rows: int) -> tuple[float, float]:
    place.say(f"import: watching the memory of {rows} rows")
    await asyncio.sleep(PAUSE_SECONDS)
    pid = place.pids["enterprise"]
    before = peak = resident_megabytes(pid)

    def look() -> None:
        nonlocal peak
        peak = max(peak, resident_megabytes(pid))

    async with place.api() as api:
        insist(await finished(api, "/v1/enterprises", file, look=look), rows)
    return peak - before, peak
