"""`/openapi.json`: one document made of what the services say of themselves and what the gateway offers itself.

What two services both describe must be described alike, else the merge is refused and the last good document stays; it is
kept in the database, so that it survives a service being down and a restart of the gateway.
"""

import asyncio
import hashlib
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from sqlmodel import select
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.illustrations import illustrated
from services.gateway.models import OpenapiCopy
from services.gateway.own_contract import own_document
from services.gateway.storage import transaction
from services.gateway.upstreams import Upstreams
from shared import errors
from shared.conditions import NoneMatch
from shared.contract import SECURITY
from shared.contract import problems as own_problems
from shared.db import Database

FRESH_SECONDS = 10.0
HURRY_SECONDS = 0.5  # while there is none yet
FETCH_SECONDS = 15.0  # a service describes itself once, which may take long on a busy machine
READING = ("get", "head", "options")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
ABOUT = """Enterprises, training, and what came of it, of the SCORE programme.

Fetch a token from `/oauth/token`, send it as `Authorization: Bearer …`. Every error is a problem document (RFC 9457)."""
Document = dict[str, Any]
log = structlog.get_logger()


class Clash(Exception):
    """Two services describe the same thing differently."""


@dataclass(frozen=True)
class Edition:
    """One merged document, as it is sent."""

    document: Document
    body: bytes
    etag: str

    @classmethod
    def of(cls, document: Document) -> "Edition":
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(document, body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


class Contract:
    """The merged document, made anew when it is asked for and ten seconds old."""

    def __init__(self, database: Database, upstreams: Upstreams, public_url: str) -> None:
        self._database, self._upstreams, self._public_url = database, upstreams, public_url
        self._copies: dict[str, Document] = {}
        self._edition: Edition | None = None
        self._looked_at = -float("inf")
        self._one_looks = asyncio.Lock()

    async def show(self, request: Request) -> Response:
        edition = await self.edition()
        headers = {"ETag": edition.etag, "Cache-Control": "no-cache"}
        if NoneMatch.read(request.headers.get("if-none-match")).includes(edition.etag):
            return Response(status_code=304, headers=headers)
        return Response(edition.body, media_type="application/json", headers=headers)

    async def edition(self) -> Edition:
        """Raises `errors.ServiceUnavailable` while there is a service that has never been seen."""
        async with self._one_looks:
            pause = FRESH_SECONDS if self._edition else HURRY_SECONDS
            if time.monotonic() - self._looked_at > pause:
                await self._look()
                self._looked_at = time.monotonic()
        if self._edition is None:
            raise errors.ServiceUnavailable("Not every service has described itself yet. Try again in a moment.")
        return self._edition

    async def problems(self) -> Document:
        """Every problem of every service, as far as they are known, by code."""
        try:
            known: Document = (await self.edition()).document["x-problems"]
        except errors.ServiceUnavailable:
            return own_problems()
        return known

    async def _look(self) -> None:
        before = self._copies or await self._kept()
        copies = {**before, **await self._live()}
        if self._edition is not None and copies == self._copies:
            return
        if edition := self._merged(copies):
            self._edition = edition
            await self._keep({name: copy for name, copy in copies.items() if copy != before.get(name)})
            self._copies = copies
        elif self._edition is None:
            self._edition = self._merged(before)

    def _merged(self, copies: dict[str, Document]) -> Edition | None:
        """None if one is missing, or if they do not go together."""
        if set(copies) != set(self._upstreams.names):
            return None
        try:
            return Edition.of(merge(copies, self._public_url))
        except Clash as clash:
            log.error("the services' documents do not go together: the last good one stays", clash=str(clash))
            return None

    async def _live(self) -> dict[str, Document]:
        names = list(self._upstreams.names)
        fetched = await asyncio.gather(*(self._upstreams.ask(name, "/openapi.json", FETCH_SECONDS) for name in names))
        return {name: found[1] for name, found in zip(names, fetched, strict=True) if found and is_contract(*found)}

    async def _kept(self) -> dict[str, Document]:
        known = self._upstreams.names
        with suppress(errors.ServiceUnavailable):
            async with transaction(self._database) as session:
                rows = (await session.exec(select(OpenapiCopy))).all()
                return {row.service: row.document for row in rows if row.service in known}
        return {}

    async def _keep(self, documents: dict[str, Document]) -> None:
        with suppress(errors.ServiceUnavailable):
            async with transaction(self._database) as session:
                for service, document in documents.items():
                    await session.merge(OpenapiCopy(service=service, document=document))


def is_contract(status: int, document: Any) -> bool:
    return status == 200 and isinstance(document, dict) and isinstance(document.get("paths"), dict)


# --- merging ---------------------------------------------------------------------------------------------------


def merge(copies: dict[str, Document], public_url: str) -> Document:
    """One OpenAPI 3.1 document. Raises `Clash` where two describe a path, a component or a problem differently."""
    parts = {"gateway": own_document(), **{name: copies[name] for name in sorted(copies)}}
    paths: Document = {}
    components: dict[str, Document] = {}
    problems: Document = {}
    for service, part in parts.items():
        put_all(paths, with_security(part["paths"]), service, "path", alike=False)
        put_all(problems, part.get("x-problems", {}), service, "problem")
        for kind, entries in part.get("components", {}).items():
            put_all(components.setdefault(kind, {}), entries, service, kind)
    components["securitySchemes"] = {SECURITY: security_scheme(paths, public_url)}
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "SCORE programme", "version": "1", "description": ABOUT},
        "servers": [{"url": public_url}],
        "security": [{SECURITY: []}],
        "tags": [{"name": tag} for tag in tags_of(paths)],
        "paths": dict(sorted(paths.items())),
        "components": {kind: dict(sorted(entries.items())) for kind, entries in sorted(components.items())},
        "x-problems": dict(sorted(problems.items())),
    }
    return illustrated(whole)


def put_all(into: Document, entries: Document, service: str, kind: str, *, alike: bool = True) -> None:
    for name, entry in entries.items():
        if name in into and not (alike and into[name] == entry):
            raise Clash(f"{kind} {name} of {service} is there already" + (", and is another" if alike else ""))
        into[name] = entry


def with_security(paths: Document) -> Document:
    """Each operation on a collection with the scope it wants; those that say so themselves stay as they are."""
    return {
        path: {method: secured(method, operation) for method, operation in item.items()} for path, item in paths.items()
    }


def secured(method: str, operation: Any) -> Any:
    if method not in METHODS or "security" in operation or not operation.get("tags"):
        return operation
    scope = f"{operation['tags'][0]}:{'read' if method in READING else 'write'}"
    return {**operation, "security": [{SECURITY: [scope]}]}


def security_scheme(paths: Document, public_url: str) -> Document:
    wanted = {
        scope
        for item in paths.values()
        for method, operation in item.items()
        if method in METHODS
        for requirement in operation.get("security", [])
        for scope in requirement.get(SECURITY, [])
    }
    scopes = {scope: "{1} {0}".format(*scope.split(":")) for scope in sorted(wanted)}
    flow = {"tokenUrl": f"{public_url}/oauth/token", "scopes": scopes}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}


def tags_of(paths: Document) -> list[str]:
    return sorted(
        {
            tag
            for item in paths.values()
            for method, operation in item.items()
            if method in METHODS
            for tag in operation.get("tags", [])
        }
    )
