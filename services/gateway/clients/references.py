"""Whether what a client is to be bound to is there: asked of the service that has it, with the words of whoever asks us."""

from collections.abc import Iterator
from uuid import UUID

from fastapi import Request

from services.gateway.clients.rules import BINDINGS
from services.gateway.clients.schemas import RegisterClient
from services.gateway.upstreams import SERVICE_OF, Upstreams
from shared import errors
from shared.consistency import HEADER
from shared.context import current
from shared.db import unknown_place

COLLECTION = {"organisation_id": "organisations", "enterprise_id": "enterprises", "trainer_id": "trainers"}
PATIENCE_SECONDS = 8.0
SHUT = (403, 404)  # what one may not see is not there
PASSED_ON = ("Authorization", HEADER)


class References:
    """Those of one request."""

    def __init__(self, upstreams: Upstreams, request: Request) -> None:
        self._upstreams = upstreams
        context = current()
        said = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        told = {**said, "x-request-id": context.request_id, "traceparent": context.traceparent}
        self._headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in told.items()]

    async def insist(self, command: RegisterClient, besides: RegisterClient | None = None) -> None:
        """422 `unknown-reference` unless each new binding names something."""
        if places := [
            unknown_place(name) for name, id in new_bindings(command, besides) if not await self._is(name, id)
        ]:
            raise errors.UnknownReference(errors=places)

    async def _is(self, name: str, id: UUID) -> bool:
        collection = COLLECTION[name]
        service = SERVICE_OF[collection]
        status = await self._upstreams.status_of(service, f"/v1/{collection}/{id}", PATIENCE_SECONDS, self._headers)
        if status is None or status >= 500:
            raise unavailable(service)
        return status not in SHUT


def new_bindings(command: RegisterClient, before: RegisterClient | None) -> Iterator[tuple[str, UUID]]:
    for name in BINDINGS:
        id = getattr(command, name)
        if id is not None and id != getattr(before, name, None):
            yield name, id


def unavailable(service: str) -> errors.Problem:
    return errors.ServiceUnavailable(f"The {service} service is not available. Nothing was changed.")
