"""Runs one ASGI application under uvicorn, as each `python -m services.<name>` does."""

import gc
from typing import Any

import uvicorn

from shared.http_protocol import StrictHttp
from shared.settings import ProcessSettings
from shared.telemetry import configure_logging

KEEP_ALIVE_SECONDS = 75  # longer than the gateway keeps an idle connection, so that it never writes into a closed one
GRACE_SECONDS = 8


YOUNG_OBJECTS = 10_000  # that come before the first look for garbage among them: a batch of a file makes as many


def serve(app: Any, settings: ProcessSettings) -> None:
    configure_logging(settings.service, settings.log_format)
    gc.set_threshold(YOUNG_OBJECTS)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        http=StrictHttp,
        ws="none",
        lifespan="on",
    )
