"""One request carried to a service, and its answer back."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import structlog

from services.gateway.upstreams import Unreachable, Upstream
from services.gateway.wire import Broken, Connection, Header
from shared import errors
from shared.context import current
from shared.telemetry import Receive, Send

SILENCE_SECONDS = 60.0  # within an answer
WATCH_SECONDS = 0.05  # whoever is answered sooner is not watched for leaving
REPEATED = ("GET", "HEAD")
LEFT = 499  # what logs call an answer nobody waited for
# about this connection only; the last four are ours to say
NOT_PASSED_BACK = frozenset(
    b"connection keep-alive proxy-authenticate trailer transfer-encoding upgrade date server x-request-id traceparent".split()
)
log = structlog.get_logger()


class ClientGone(Exception):
    """The client left in the middle of its request."""


class Exchange:
    """`headers` go to the service as they are; `receive` and `send` are the client's. The service has `answer_seconds` from the
    last piece of the request to the first of its answer.
    """

    def __init__(
        self,
        *,
        upstream: Upstream,
        method: str,
        target: bytes,
        headers: Sequence[Header],
        has_body: bool,
        answer_seconds: float,
        receive: Receive,
        send: Send,
    ) -> None:
        self.upstream, self.method, self.target, self.headers = upstream, method, target, headers
        self.has_body, self.receive, self.send = has_body, receive, send
        self.loop, self.task = asyncio.get_running_loop(), asyncio.current_task()
        self.answer_seconds, self.deadline = answer_seconds, self.loop.time() + answer_seconds
        self.clock = self.loop.call_later(answer_seconds if has_body else WATCH_SECONDS, self._look)
        self.watch: asyncio.Task[None] | None = None
        self.is_sent = not has_body
        self.answered = self.begun = self.finished = self.left = self.too_slow = False

    async def carry_out(self) -> None:
        """A client that leaves takes its request at the service with it."""
        try:
            answer = await self._ask_again_if_harmless()
            self.answered = True
            try:
                await self._pass_back(answer)
            finally:
                self.upstream.give_back(answer)
        except ClientGone:
            self.left = True
            await self._note_leaving()
        except asyncio.CancelledError as error:
            if self.task is None or not (self.left or self.too_slow):
                raise
            self.task.uncancel()
            if self.too_slow:
                raise self._timeout() from error
            await self._note_leaving()
        finally:
            self.clock.cancel()
            if self.watch:
                self.watch.cancel()

    # --- there ---

    async def _ask_again_if_harmless(self) -> Connection:
        attempts = 2 if self.method in REPEATED and not self.has_body else 1
        for left in reversed(range(attempts)):
            try:
                body = self._body() if self.has_body else None
                return await self.upstream.ask(self.method.encode(), self.target, self.headers, body)
            except (Unreachable, Broken) as error:
                if not left:
                    raise self._unavailable(error) from error
        raise AssertionError("unreachable")

    async def _body(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            self.deadline = self.loop.time() + self.answer_seconds
            if piece := message.get("body"):
                yield piece
            more = message.get("more_body", False)
        self.is_sent = True
        self._look_in(WATCH_SECONDS)

    def _timeout(self) -> errors.Problem:
        log.warning("a service was too slow", upstream=self.upstream.name)
        return errors.GatewayTimeout(f"The {self.upstream.name} service did not answer in time.")

    def _unavailable(self, error: Exception) -> errors.Problem:
        service = self.upstream.name
        log.warning("a service is not available", upstream=service, error=type(error).__name__)
        if isinstance(error, Unreachable) or self.method in REPEATED:
            return errors.ServiceUnavailable(f"The {service} service is not available. Nothing was changed.")
        return errors.ServiceUnavailable(
            f"The connection to the {service} service broke. It may or may not have been done: "
            "repeat the request with the same `Idempotency-Key`."
        )

    # --- and back ---

    async def _pass_back(self, answer: Connection) -> None:
        """The head goes with the first piece: until then a broken connection can still be told as a problem."""
        try:
            piece = await self._piece(answer)
        except (Broken, TimeoutError) as error:
            raise self._unavailable(error) from error
        self.begun = True
        await self.send({"type": "http.response.start", "status": answer.status, "headers": told_back(answer.headers)})
        while True:
            self.finished = answer.is_at_end
            await self.send({"type": "http.response.body", "body": piece, "more_body": not self.finished})
            if self.finished:
                return
            try:
                piece = await self._piece(answer)
            except (Broken, TimeoutError) as error:
                # the end does not come: our server breaks the connection, so that nobody takes it for whole
                log.warning("an answer broke off", upstream=self.upstream.name, error=type(error).__name__)
                return

    async def _piece(self, answer: Connection) -> bytes:
        if answer.is_at_hand:
            return await answer.piece()
        async with asyncio.timeout(SILENCE_SECONDS):
            return await answer.piece()

    # --- a client that leaves, a service that is too slow ---

    def _look_in(self, seconds: float) -> None:
        self.clock.cancel()
        self.clock = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Most requests are answered before it comes to this: they cost one clock, and nothing that watches."""
        if self.is_sent and self.watch is None:
            self.watch = self.loop.create_task(self._until_left())
        if self.answered or self.left:
            return
        if (seconds := self.deadline - self.loop.time()) > 0:
            self._look_in(seconds)
        elif self.task:
            self.too_slow = True
            self.task.cancel()

    async def _until_left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        if self.task and not (self.finished or self.too_slow):
            self.left = True
            self.task.cancel()

    async def _note_leaving(self) -> None:
        """Nobody reads it; logs and metrics count it as the client's doing."""
        log.info("the client left", upstream=self.upstream.name, request_id=current().request_id)
        if not self.begun:
            await self.send({"type": "http.response.start", "status": LEFT, "headers": []})
            await self.send({"type": "http.response.body"})


def told_back(headers: Sequence[Header]) -> list[Header]:
    return [pair for pair in headers if pair[0] not in NOT_PASSED_BACK]
