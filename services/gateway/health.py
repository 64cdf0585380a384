"""Whether it runs, whether all of it is ready, and its figures."""

import asyncio
from typing import Any

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.gateway.keys import SigningKeys
from services.gateway.upstreams import Upstreams
from shared import errors
from shared.audit.sealer import Sealer
from shared.db import Database
from shared.telemetry import Metrics

SERVICE_SECONDS = 1.8  # a service waits one second for its own database
DATABASE_SECONDS = 1.0
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
NO_STORE = {"Cache-Control": "no-store"}

Report = dict[str, Any]


class Health:
    def __init__(
        self, database: Database, keys: SigningKeys, sealer: Sealer, upstreams: Upstreams, metrics: Metrics
    ) -> None:
        self._database, self._keys, self._sealer = database, keys, sealer
        self._upstreams, self._metrics = upstreams, metrics

    def routes(self) -> list[Route]:
        return [
            Route("/-/live", self.show_live),
            Route("/-/ready", self.show_ready),
            Route("/-/metrics", self.show_metrics),
        ]

    async def show_live(self, _: Request) -> Response:
        return JSONResponse({"status": "live"}, headers=NO_STORE)

    async def show_ready(self, _: Request) -> Response:
        """200 only when this gateway and every service are ready; the body names each."""
        names = ["gateway", *self._upstreams.names]
        reports = await asyncio.gather(self._own(), *(self._of(name) for name in names[1:]))
        good = all(report["status"] == "ready" for report in reports)
        body = {"status": "ready" if good else "not-ready", "parts": dict(zip(names, reports, strict=True))}
        return JSONResponse(body, 200 if good else 503, NO_STORE)

    async def show_metrics(self, request: Request) -> Response:
        """For whoever is on this machine; a proxy on it speaks for others."""
        direct = request.client is not None and request.client.host in LOOPBACK
        if not direct or any(name in request.headers for name in FORWARDED):
            raise errors.NotFound()
        figures, kind = self._metrics.page()
        return Response(figures, media_type=kind)

    async def _own(self) -> Report:
        try:
            async with asyncio.timeout(DATABASE_SECONDS), self._database.transaction() as session:
                await (await session.connection()).execute(text("select 1"))
            await self._keys.key_set()
        except Exception as error:
            return not_ready(f"database-unavailable: {type(error).__name__}")
        return not_ready(self._sealer.problem) if self._sealer.problem else {"status": "ready"}

    async def _of(self, service: str) -> Report:
        found = await self._upstreams.ask(service, "/-/ready", SERVICE_SECONDS)
        if found is None:
            return not_ready("service-unavailable")
        status, report = found
        if not isinstance(report, dict) or report.get("status") not in ("ready", "not-ready"):
            return not_ready(f"answered {status}")
        return report if status == 200 else {**report, "status": "not-ready"}


def not_ready(problem: str) -> Report:
    return {"status": "not-ready", "problem": problem}
