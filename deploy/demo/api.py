"""The public API as an integration script meets it: found-or-made, verbs when offered, imports waited for.

No `Idempotency-Key` is needed here: every record carries an `external_ref`, every import row has a natural key.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any

import httpx

from deploy.demo.credentials import ClientCredentials, Credentials
from deploy.demo.trouble import DemoFailed, explain, problem_of, row_line

TOKEN = "Consistency-Token"
BUSY = {429, 503}
TRIES = 10
LONGEST_PAUSE_SECONDS = 30.0
POLL_SECONDS = 0.2
UNFINISHED = {"queued", "running"}
ERRORS_SHOWN = 5

Document = dict[str, Any]
OnProgress = Callable[[int, int], None]


class Api:
    """A client of the gateway that always reads its own writes.

    Each answer's consistency token covers the tokens its request carried, so the last is enough. Of requests that run
    side by side each gives one: they are sent on together until an answer covers them.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._http = httpx.AsyncClient(base_url=credentials.url, auth=ClientCredentials(credentials), timeout=60)
        self._url = credentials.url
        self._covered: frozenset[str] = frozenset()

    async def __aenter__(self) -> "Api":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, it: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str, **parameters: str) -> Document:
        return self._content(await self._send("GET", path, params=parameters))

    async def make(self, path: str, record: Document) -> tuple[Document, bool]:
        """The resource, and whether it was made now: a second run finds the one already there."""
        answer = await self._send("POST", path, json=record)
        if answer.status_code == 409 and problem_of(answer).get("code") == "already-exists":
            return await self.get(answer.headers["Location"]), False
        return self._content(answer), True

    async def act(self, path: str, resource: Document, verb: str, body: Document | None = None) -> Document:
        """The resource after the verb, or as it is when the verb is not among its `allowed_actions`."""
        if verb not in resource["allowed_actions"]:
            return resource
        sent = {} if body is None else {"json": body}
        return self._content(await self._send("POST", f"{path}/{resource['id']}/{verb}", **sent))

    async def load(self, path: str, file: bytes, on_progress: OnProgress) -> Document:
        """Imports a CSV file, all of it or nothing, and waits for the end; answers the summary."""
        started = await self._send(
            "POST", path, params={"mode": "atomic"}, content=file, headers={"Content-Type": "text/csv"}
        )
        self._content(started)
        job = await self._finished(started.headers["Location"], on_progress)
        if job["state"] != "succeeded":
            raise await self._import_failure(path, started.headers["Location"], job)
        summary: Document = job["summary"]
        return summary

    async def _finished(self, location: str, on_progress: OnProgress) -> Document:
        while (job := await self.get(location))["state"] in UNFINISHED:
            on_progress(job["progress"]["done"], job["progress"]["total"])
            await asyncio.sleep(POLL_SECONDS)
        return job

    async def _import_failure(self, path: str, location: str, job: Document) -> DemoFailed:
        errors = await self.get(f"{location}/errors", limit=str(ERRORS_SHOWN))
        why = (job.get("problem") or {}).get("detail") or f"{job['summary']['rejected']} rows were refused"
        return DemoFailed("\n".join([f"POST {path} {job['state']}: {why}", *map(row_line, errors["items"])]))

    def _content(self, answer: httpx.Response) -> Document:
        if not answer.is_success:
            raise explain(f"{answer.request.method} {answer.request.url.path}", answer)
        content: Document = answer.json()
        return content

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Waits and asks again while the system is busy or catching up."""
        for _ in range(TRIES):
            answer = await self._send_once(method, path, **options)
            if answer.status_code not in BUSY:
                break
            await asyncio.sleep(min(float(answer.headers.get("Retry-After", 1)), LONGEST_PAUSE_SECONDS))
        return answer

    async def _send_once(self, method: str, path: str, **options: Any) -> httpx.Response:
        carried = self._covered
        headers = options.pop("headers", {}) | ({TOKEN: ", ".join(sorted(carried))} if carried else {})
        try:
            answer = await self._http.request(method, path, headers=headers, **options)
        except httpx.TransportError as error:
            raise DemoFailed(
                f"{method} {path}: no answer from {self._url} ({type(error).__name__}). Is `make up` running? "
                "What is loaded stays; run the demo again and it goes on."
            ) from error
        if TOKEN in answer.headers:
            self._covered = (self._covered - carried) | {answer.headers[TOKEN]}
        return answer
