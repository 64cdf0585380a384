"""Files: what a validated import takes beside the plainest way of getting rows into PostgreSQL, and the memory it needs."""

import asyncio
from typing import Any

import httpx

from bench.measure import WrongAnswer

DATABASE = "heap"
UNFINISHED = ("queued", "running")
LOOK_SECONDS = 0.05


async def finished(api: httpx.AsyncClient, collection: str, file: bytes, every: float = LOOK_SECONDS) -> dict[str, Any]:
    """The job at its end; `WrongAnswer` unless it succeeded."""
    headers = {"Content-Type": "text/csv"}
    started = await api.post(f"{collection}/imports?mode=partial", content=file, headers=headers)
    if started.status_code != 202:
        raise WrongAnswer(f"{started.status_code}: {started.text[:300]}")
    while (job := (await api.get(started.headers["Location"])).json())["state"] in UNFINISHED:  # noqa: ASYNC110
        await asyncio.sleep(every)
    if job["state"] != "succeeded":
        raise WrongAnswer(f"the import {job['state']}: {job['problem']}")
    return dict(job)
