"""Slows down whoever tries secrets: so many wrong ones of one client in a minute, then nothing is checked any more."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from services.gateway.oauth.errors import Busy
from services.gateway.standing import Standing

A_MINUTE = 20
WINDOW_SECONDS = 60
MAX_REMEMBERED = 10_000


@dataclass
class Tries:
    ends: float
    count: int = 0


class Guesses:
    """Counted here, in this process: with several, a guesser has so much more, which is still nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: OrderedDict[str, Tries] = OrderedDict()

    def begin(self, client_id: str) -> None:
        """Counts one before it is checked, so that a thousand at once are not a thousand; 429 when there were too many."""
        tries = self._of(client_id)
        if tries.count >= A_MINUTE:
            raise Busy("Too many wrong secrets. Wait.", self._seconds_left(tries), status=429)
        tries.count += 1

    def forgive(self, client_id: str) -> None:
        """It was right."""
        tries = self._of(client_id)
        tries.count = max(0, tries.count - 1)

    def standing(self, client_id: str) -> Standing:
        tries = self._of(client_id)
        return Standing("secrets", A_MINUTE, WINDOW_SECONDS, A_MINUTE - tries.count, self._seconds_left(tries))

    def _of(self, client_id: str) -> Tries:
        found = self._tries.get(client_id)
        if found is None or found.ends <= self._clock():
            found = self._tries[client_id] = Tries(self._clock() + WINDOW_SECONDS)
            self._tries.move_to_end(client_id)
            while len(self._tries) > MAX_REMEMBERED:
                self._tries.popitem(last=False)
        return found

    def _seconds_left(self, tries: Tries) -> int:
        return max(1, round(tries.ends - self._clock()))
