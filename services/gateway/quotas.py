"""So many requests of one client in a minute, whichever of the gateway's processes they come to.

A row of the client has what was given out of its present minute. Each process takes a few requests' worth at a time, fewer the
less there is left and at the end one by one: the sum is exact, and a request seldom waits for the database. What a process took
and did not need in a moment it gives back. Without the database each process counts by itself: the limit protects the services,
which are there.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy import text

from services.gateway.standing import Standing
from services.gateway.storage import rows_of
from shared import errors
from shared.db import Database
from shared.telemetry import App, Header, Receive, Scope, Send

WINDOW_SECONDS = 60
PORTION = 100  # of what is left, a hundredth is taken at once
IDLE_SECONDS = 0.25  # what is not needed for so long is given back
SURE_SECONDS = 0.05  # how long "nothing is left" is believed
PATIENCE_SECONDS = 3.0  # with the database: one that is busy has not gone, and who counts alone gives out too much
SHORT_PATIENCE_SECONDS = 0.25  # with one that did not answer the last time
ALONE_SECONDS = 1.0  # until a process that counts by itself asks again
MAX_CLIENTS = 10_000
log = structlog.get_logger()

TAKE = text(
    """
    with asked as (select cast(:wanted as int) as wanted, cast(:quota as int) as quota,
                          now() + make_interval(secs => cast(:window as float)) as ends_at)
    insert into quotas as q (client, ends_at, given)
    select cast(:client as text), asked.ends_at, least(asked.wanted, asked.quota) from asked
    on conflict (client) do update set
      ends_at = case when q.ends_at <= now() then excluded.ends_at else q.ends_at end,
      given = case when q.ends_at <= now() then excluded.given
                   else greatest(q.given, least(q.given + cast(:wanted as int), cast(:quota as int))) end
    returning given, cast(extract(epoch from ends_at - now()) as float) as seconds,
              case when old.ends_at > now() then old.given else 0 end as before
    """
)
GIVE_BACK = text(
    "update quotas set given = greatest(0, given - cast(:unused as int)) where client = :client and ends_at > now()"
)


@dataclass
class Share:
    """What this process has of one client's minute."""

    have: int = 0  # taken and not yet used
    elsewhere: int = 0  # not given out to anybody, as far as is known
    ends: float = 0.0
    used_at: float = 0.0
    empty_until: float = 0.0
    waiting: int = 0
    one_takes: asyncio.Lock = field(default_factory=asyncio.Lock)


class Quotas:
    def __init__(self, database: Database, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self.a_minute, self._clock = database, a_minute, clock
        self._shares: dict[str, Share] = {}
        self._patience = PATIENCE_SECONDS

    async def take(self, client: str) -> tuple[bool, Standing]:
        """Whether one more request of `client` may pass, and how it stands afterwards."""
        share = self._share_of(client)
        if not self._take_of(share):
            share.waiting += 1
            async with share.one_takes:
                share.waiting -= 1
                passes = self._take_of(share) or (await self._fetch(client, share) and self._take_of(share))
            return passes, self._standing(share)
        return True, self._standing(share)

    def full(self) -> Standing:
        """What somebody unknown would have."""
        return Standing("client", self.a_minute, WINDOW_SECONDS, self.a_minute, WINDOW_SECONDS)

    async def give_back_idle(self) -> None:
        """Runs until it is cancelled."""
        while True:
            await asyncio.sleep(IDLE_SECONDS)
            at = self._clock()
            for client, share in list(self._shares.items()):
                if share.have and share.used_at < at - IDLE_SECONDS and share.ends > at:
                    await self._give_back(client, share)
                elif share.ends <= at and not share.one_takes.locked():
                    del self._shares[client]

    def _share_of(self, client: str) -> Share:
        found = self._shares.get(client)
        if found is None:
            if len(self._shares) >= MAX_CLIENTS:
                self._shares.clear()
            found = self._shares[client] = Share()
        return found

    def _take_of(self, share: Share) -> bool:
        at = self._clock()
        if not share.have or share.ends <= at:
            return False
        share.have -= 1
        share.used_at = at
        return True

    async def _fetch(self, client: str, share: Share) -> bool:
        at = self._clock()
        if share.ends <= at:
            share.have, share.elsewhere, share.empty_until = 0, self.a_minute, 0.0
        if at < share.empty_until:
            return False
        wanted = max(1 + share.waiting, share.elsewhere // PORTION)
        try:
            async with asyncio.timeout(self._patience):
                await self._take_from_row(client, share, wanted)
            self._patience = PATIENCE_SECONDS
        except (errors.ServiceUnavailable, TimeoutError):
            self._count_alone(share)
        return share.have > 0

    async def _take_from_row(self, client: str, share: Share, wanted: int) -> None:
        values = {"client": client, "window": WINDOW_SECONDS, "wanted": wanted, "quota": self.a_minute}
        (row,) = await rows_of(self._database, TAKE, values)
        at = self._clock()
        share.have = row.given - row.before
        share.elsewhere, share.ends = self.a_minute - row.given, at + row.seconds
        if not share.have:
            share.empty_until = at + SURE_SECONDS

    def _count_alone(self, share: Share) -> None:
        """All that is left, as far as is known, is this process's own."""
        log.warning("quotas are counted by this process alone: the database is not available")
        self._patience = SHORT_PATIENCE_SECONDS
        at = self._clock()
        share.have, share.elsewhere = share.elsewhere, 0
        share.ends = share.ends if share.ends > at else at + WINDOW_SECONDS
        share.empty_until = at + ALONE_SECONDS

    async def _give_back(self, client: str, share: Share) -> None:
        async with share.one_takes:
            unused, share.have = share.have, 0
            share.elsewhere += unused
            try:
                async with asyncio.timeout(self._patience):
                    await rows_of(self._database, GIVE_BACK, {"client": client, "unused": unused})
            except (errors.ServiceUnavailable, TimeoutError):
                pass  # it is lost to the client until the minute is over

    def _standing(self, share: Share) -> Standing:
        seconds = max(1, round(share.ends - self._clock()))
        return Standing("client", self.a_minute, WINDOW_SECONDS, share.have + share.elsewhere, seconds)


class CountRequests:
    """Behind the tokens: 429 for a client that has had its share."""

    def __init__(self, app: App, quotas: Quotas) -> None:
        self.app, self.quotas = app, quotas

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.get("state", {})
        if scope["type"] == "http" and (principal := state.get("principal")):
            passes, state["standing"] = await self.quotas.take(principal.client_id)
            if not passes:
                raise errors.TooManyRequests(headers={"Retry-After": str(state["standing"].seconds)})
        await self.app(scope, receive, send)


class TellStanding:
    """`RateLimit-Policy` and `RateLimit`, for every answer."""

    def __init__(self, quotas: Quotas) -> None:
        self._full = quotas.full()

    def __call__(self, scope: Scope) -> list[Header]:
        standing: Standing = scope["state"].get("standing", self._full)
        return [(b"ratelimit-policy", standing.policy), (b"ratelimit", standing.limit)]
