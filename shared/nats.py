"""The broker. The one place that knows nats-py: a connection that comes back, durable publishing, and pulling.

Nothing is published, and nothing published counts, unless the broker writes to the disk before it acknowledges.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from shared.db import uuid7
from shared.settings import NatsSettings

STREAM = "SCORE"
REQUEST_SECONDS = 5.0
PULLED_AT_ONCE = 100
PULL_SECONDS = 5.0  # a request for events that the broker has lost without a word is made again after this
LATE_SECONDS = 0.5  # the broker says that one is over; this much later it has been over in any case
LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 1.5  # a third of the time after which the broker delivers again by itself
STATUS, OVER = "Status", ("404", "408")  # what the broker says when nothing came, or no more will
RETRY_SECONDS = 1
RECONNECT_SECONDS: Any = 0.2  # nats-py's type says whole seconds; it sleeps as long as it is told
VERIFY_SECONDS = 2.0
FLUSH_SECONDS = 1
ALL_SERVERS_SECONDS = 0.3
UNAVAILABLE, NOT_DURABLE, UNKNOWN = "broker-unavailable", "broker-not-durable", "broker-durability-unknown"
Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
log = structlog.get_logger()


class BrokerError(Exception):
    """The broker did not do it. Nothing is known to be stored; it may be tried again."""


class Refused(BrokerError):
    """The broker answered no. Of a batch it took nothing: one it has already is enough (10201)."""


@dataclass(frozen=True)
class Message:
    """What is published. `headers` hold `Nats-Msg-Id`."""

    subject: str
    headers: Mapping[str, str]
    payload: bytes


@dataclass(frozen=True)
class Delivery:
    """A message as it was delivered; `delivered` counts the times, from 1, `sent_at` is when the broker stored it."""

    subject: str
    headers: Mapping[str, str]
    payload: bytes
    stream_seq: int
    delivered: int
    sent_at: datetime
    message: Msg = field(repr=False)

    @classmethod
    def of(cls, message: Msg) -> "Delivery":
        place = message.metadata
        return cls(
            message.subject,
            message.headers or {},
            message.data,
            place.sequence.stream,
            place.num_delivered,
            place.timestamp,
            message,
        )

    async def ack(self) -> None:
        """Waits until the broker knows, also of what it was told before: whoever asks for the ack floor next sees it."""
        with broker_errors():
            await self.message.ack_sync(REQUEST_SECONDS)

    async def ack_unheard(self) -> None:
        """The same without waiting."""
        with broker_errors():
            await self.message.ack()

    async def nak(self, delay: float) -> None:
        """Not now; again in `delay` seconds. (The broker's own backoff does not apply to this.)"""
        with broker_errors():
            await self.message.nak(delay)

    async def term(self) -> None:
        """Never again."""
        with broker_errors():
            await self.message.term()

    async def in_progress(self) -> None:
        with broker_errors():
            await self.message.in_progress()


class Bus:
    """One service's connection. `run` keeps it open and verified; `problem` is None while it may be used."""

    def __init__(self, settings: NatsSettings, user: str) -> None:
        self.settings, self.user = settings, user
        self.problem: str | None = UNAVAILABLE
        self._client: Client | None = None
        self.generation = 0  # counts breaks of the connection
        self._changed = asyncio.Event()
        self._asked: set[asyncio.Timeout] = set()  # what waits for an answer, which does not come on another connection

    async def run(self) -> None:
        """Never returns. A client that gave up (a refused password does that) is replaced by a new one."""
        while True:
            try:
                self._client = await connected(self.settings, self.user, self._on_break, self._on_return)
                await self._keep_verified(self._client)
            except (NatsError, OSError, TimeoutError) as error:
                log.warning("broker unavailable", error=type(error).__name__)
            self.problem = UNAVAILABLE
            await self._abandon()
            await asyncio.sleep(RETRY_SECONDS)

    async def _keep_verified(self, client: Client) -> None:
        verified = -1
        while not client.is_closed:
            self._changed.clear()
            if client.is_connected and (self.problem or verified != self.generation):
                verified = self.generation
                await self._verify(verified)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), VERIFY_SECONDS)

    async def _verify(self, generation: int) -> None:
        problem = await durability_problem(self.settings)
        if generation == self.generation:
            if problem:
                log.error("the broker is refused", problem=problem)
            self.problem = problem

    async def _on_break(self) -> None:
        self.generation += 1
        self.problem = UNAVAILABLE
        for patience in self._asked:
            if not patience.expired():
                patience.reschedule(asyncio.get_running_loop().time())

    async def _on_return(self) -> None:
        self._changed.set()

    async def _abandon(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(NatsError, OSError):
                await client.close()

    async def close(self) -> None:
        """After every loop that uses it was cancelled *and awaited*: nats-py turns a later cancellation into an error."""
        self.problem = UNAVAILABLE
        if self._client is not None and self._client.is_connected:
            with suppress(NatsError, OSError, TimeoutError):
                await self._client.flush(FLUSH_SECONDS)
        await self._abandon()

    @property
    def _open(self) -> Client:
        if self._client is None or self.problem:
            raise BrokerError(self.problem or UNAVAILABLE)
        return self._client

    # --- publishing --------------------------------------------------------------------------------------------

    async def publish_batch(self, messages: Sequence[Message]) -> list[int]:
        """All or none (at most 1,000), in order; gives their sequences. `Refused`: publish one by one."""
        batch = str(uuid7())
        client, generation = self._open, self.generation
        with broker_errors():
            for n, message in enumerate(messages[:-1], start=1):
                await client.publish(message.subject, message.payload, headers=numbered(message, batch, n))
        last = numbered(messages[-1], batch, len(messages)) | {"Nats-Batch-Commit": "1"}
        answer = await self._request(client, generation, messages[-1], last)
        return list(range(answer["seq"] - len(messages) + 1, answer["seq"] + 1))

    async def publish_each(self, messages: Sequence[Message]) -> list[int]:
        """One after the other, in order."""
        return [await self.publish(message) for message in messages]

    async def publish(self, message: Message) -> int:
        """Gives its sequence, the first one's if the broker has it already."""
        answer = await self._request(self._open, self.generation, message, dict(message.headers))
        return int(answer["seq"])

    async def _request(
        self, client: Client, generation: int, message: Message, headers: dict[str, str]
    ) -> dict[str, Any]:
        with broker_errors():
            async with asyncio.timeout(REQUEST_SECONDS) as patience:
                self._asked.add(patience)
                try:
                    reply = await client.request(
                        message.subject, message.payload, timeout=REQUEST_SECONDS, headers=headers
                    )
                finally:
                    self._asked.discard(patience)
        if generation != self.generation:
            # the answer may be another, not yet verified broker's
            raise BrokerError("the connection broke meanwhile")
        return accepted(json.loads(reply.data))

    # --- pulling -----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def pulling(self) -> AsyncIterator[Callable[[], Awaitable[list[Delivery]]]]:
        """What comes for this service's consumer; call what it gives for the next deliveries: none after a second."""
        client, subject = self._open, f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self.user}"
        pulled = Pulled(client, subject, client.new_inbox())
        with broker_errors():
            subscription = await client.subscribe(pulled.inbox, cb=pulled.take)
        heartbeat = asyncio.create_task(pulled.keep_waiting())
        try:
            yield lambda: pulled.next(self._open, self.generation)
        finally:
            heartbeat.cancel()
            with suppress(NatsError, OSError):
                await subscription.unsubscribe()
            await pulled.give_back()

    async def consumer_info(self) -> dict[str, Any]:
        """What the broker says of this service's consumer: `config`, `created`, `ack_floor`, `num_pending`, ..."""
        with broker_errors():
            reply = await self._open.request(
                f"$JS.API.CONSUMER.INFO.{STREAM}.{self.user}", b"", timeout=REQUEST_SECONDS
            )
        return accepted(json.loads(reply.data))


@contextmanager
def broker_errors() -> Iterator[None]:
    """Turns nats-py's errors into `BrokerError`."""
    try:
        yield
    except (NatsError, OSError, TimeoutError) as error:
        raise BrokerError(type(error).__name__) from error


def numbered(message: Message, batch: str, n: int) -> dict[str, str]:
    return {**message.headers, "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(n)}


def accepted(answer: dict[str, Any]) -> dict[str, Any]:
    if error := answer.get("error"):
        raise Refused(f"{error.get('err_code')}: {error.get('description')}")
    return answer


class Pulled:
    """A request for events that is kept open: what is published comes at once, and is not asked for one by one.

    One request at a time, so that no more wait here than one batch; asked again when it is used up, or over.
    """

    def __init__(self, client: Client, subject: str, inbox: str) -> None:
        self._client, self._subject, self.inbox = client, subject, inbox
        self._came: deque[Delivery] = deque()
        self._news = asyncio.Event()
        self._left, self._until, self._generation = 0, 0.0, -1
        self._refusal: str | None = None

    async def take(self, message: Msg) -> None:
        """A delivery, or what the broker says of the request."""
        status = (message.headers or {}).get(STATUS)
        if status is None:
            self._left -= 1
            self._came.append(Delivery.of(message))
        else:
            self._left = 0
            self._refusal = None if status in OVER else f"{status}: {message.headers}"
        self._news.set()

    async def next(self, client: Client, generation: int) -> list[Delivery]:
        """`client` and `generation` are those that may be used now: a request does not outlive its connection."""
        if client is not self._client:
            raise BrokerError(UNAVAILABLE)
        if self._refusal:
            raise BrokerError(self._refusal)
        if self._left <= 0 or generation != self._generation or time.monotonic() > self._until:
            await self._ask(generation)
        if not self._came:
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._news.wait()
        return [self._came.popleft() for _ in range(min(len(self._came), PULLED_AT_ONCE))]

    async def _ask(self, generation: int) -> None:
        wanted = {"batch": PULLED_AT_ONCE, "expires": int(PULL_SECONDS * 1e9)}
        self._left, self._until = PULLED_AT_ONCE, time.monotonic() + PULL_SECONDS + LATE_SECONDS
        self._generation = generation
        with broker_errors():
            await self._client.publish(self._subject, json.dumps(wanted).encode(), reply=self.inbox)

    async def keep_waiting(self) -> None:
        """Those that came are worked on soon: the broker need not deliver them again."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            with suppress(BrokerError):
                for delivery in list(self._came):
                    await delivery.in_progress()

    async def give_back(self) -> None:
        """Those that nobody will take: at once to whoever asks next."""
        with suppress(BrokerError):
            while self._came:
                await self._came.popleft().nak(0)


# --- connections -----------------------------------------------------------------------------------------------


async def connected(
    settings: NatsSettings, user: str, on_break: Callable[[], Awaitable[None]], on_return: Callable[[], Awaitable[None]]
) -> Client:
    """A client that comes back by itself for ever, and sees a dead peer within 15 seconds."""
    client = Client()
    await client.connect(
        settings.url,
        user=settings.user,
        password=settings.password.get_secret_value(),
        name=user,
        inbox_prefix=f"_INBOX_{user}".encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_SECONDS,
        connect_timeout=2,
        ping_interval=5,
        max_outstanding_pings=2,
        disconnected_cb=on_break,
        reconnected_cb=on_return,
        error_cb=on_error,
    )
    return client


async def on_error(error: Exception) -> None:
    log.warning("broker", error=type(error).__name__)


@asynccontextmanager
async def asking(settings: NatsSettings, user: str, password: str) -> AsyncIterator[Client]:
    """A short connection for questions. Raises `BrokerError` where there is nobody, or who refuses `user`."""
    client = Client()
    with broker_errors():
        await client.connect(
            settings.url,
            user=user,
            password=password,
            inbox_prefix=f"_INBOX_{user}".encode(),
            allow_reconnect=False,
            connect_timeout=2,
            error_cb=on_error,
        )
    try:
        with broker_errors():
            yield client
    finally:
        with suppress(NatsError, OSError):
            await client.close()


@asynccontextmanager
async def administration(settings: NatsSettings) -> AsyncIterator[Ask]:
    """The JetStream API as `settings.user`: `await ask("STREAM.INFO.SCORE", {})` gives the answer, errors included."""
    async with asking(settings, settings.user, settings.password.get_secret_value()) as client:

        async def ask(what: str, body: dict[str, Any]) -> dict[str, Any]:
            reply = await client.request(f"$JS.API.{what}", json.dumps(body).encode(), timeout=REQUEST_SECONDS)
            return dict(json.loads(reply.data))

        yield ask


# --- durability ------------------------------------------------------------------------------------------------


async def durability_problem(settings: NatsSettings) -> str | None:
    """None if every server with streams syncs each write (`sync_always`), or the operator vouches for it."""
    if settings.durability == "declared":
        return None
    try:
        async with asking(settings, settings.monitor_user, settings.monitor_password.get_secret_value()) as client:
            answers = await answers_of_all(client, "$SYS.REQ.SERVER.PING.JSZ")
    except BrokerError:
        return UNKNOWN
    configs = [answer["data"]["config"] for answer in answers if "config" in answer.get("data", {})]
    if not configs:
        return UNKNOWN
    return None if all(config.get("sync_always") for config in configs) else NOT_DURABLE


async def answers_of_all(client: Client, subject: str) -> list[dict[str, Any]]:
    """Each server of a cluster answers by itself: gathers until nobody spoke for 0.3 s."""
    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox)
    await client.publish(subject, b"{}", reply=inbox)
    answers: list[dict[str, Any]] = []
    patience = VERIFY_SECONDS
    with suppress(TimeoutError):
        while True:
            answers.append(json.loads((await subscription.next_msg(patience)).data))
            patience = ALL_SERVERS_SECONDS
    return answers
