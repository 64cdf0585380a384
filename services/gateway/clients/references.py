"""Whether what a client is to be bound to is there: asked of the service that has it, with the words of whoever asks us."""

from collections.abc import Iterator
from uuid import UUID

import aiohttp
from fastapi import Request

from services.gateway.clients.rules import BINDINGS
from services.gateway.clients.schemas import RegisterClient
from services.gateway.upstreams import SERVICE_OF, Upstreams
from shared import errors
from shared.consistency import HEADER
from shared.context import current
from shared.db import unknown_place

COLLECTION = {"organisation_id": "organisations", "enterprise_id": "enterprises", "trainer_id": "trainers"}
PATIENCE = aiohttp.ClientTimeout(total=8)
SHUT = (403, 404)  # what one may not see is not there
PASSED_ON = ("Authorization", HEADER)


class References:
    """Those of one request."""

    def __init__(self, upstreams: Upstreams, request: Request) -> None:
        self._upstreams = upstreams
        context = current()
        said = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        self._headers = {**said, "X-Request-ID": context.request_id, "traceparent": context.traceparent}

    async def insist(self, command: RegisterClient, besides: RegisterClient | None = None) -> None:
        """422 `unknown-reference` unless each new binding names something."""
        if places := [
            unknown_place(name) for name, id in new_bindings(command, besides) if not await self._is(name, id)
        ]:
            raise errors.UnknownReference(errors=places)

    async def _is(self, name: str, id: UUID) -> bool:
        collection = COLLECTION[name]
        service = SERVICE_OF[collection]
        url = f"{self._upstreams.addresses[service]}/v1/{collection}/{id}"
        try:
            async with self._upstreams.session.get(
                url, headers=self._headers, timeout=PATIENCE, allow_redirects=False
            ) as answer:
                if answer.status >= 500:
                    raise unavailable(service)
                return answer.status not in SHUT
        except (aiohttp.ClientError, TimeoutError) as error:
            raise unavailable(service) from error


def new_bindings(command: RegisterClient, before: RegisterClient | None) -> Iterator[tuple[str, UUID]]:
    for name in BINDINGS:
        id = getattr(command, name)
        if id is not None and id != getattr(before, name, None):
            yield name, id


def unavailable(service: str) -> errors.Problem:
    return errors.ServiceUnavailable(f"The {service} service is not available. Nothing was changed.")
