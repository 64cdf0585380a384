import asyncio
from collections.abc import Mapping
from typing import Any

from shared.db import Database
from shared.imports.importer import Importer
from shared.telemetry import Metrics


class Imports:
    def __init__(self, database: Database, importers: Mapping[str, Importer[Any]], metrics: Metrics) -> None:
        self.problem: str | None = None
        self._awake = asyncio.Event()

    def nudge(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        while True:
            await self._awake.wait()
            self._awake.clear()
