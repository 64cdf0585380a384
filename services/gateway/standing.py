"""How much of a limit is left, as every answer says it (RateLimit header fields, structured fields of RFC 9651)."""

from typing import NamedTuple


class Standing(NamedTuple):
    """Under the policy `name` there are `quota` requests in `window` seconds; `left` now, all again in `seconds`."""

    name: str
    quota: int
    window: int
    left: int
    seconds: int

    @property
    def policy(self) -> bytes:
        return b'"%s";q=%d;w=%d' % (self.name.encode(), self.quota, self.window)

    @property
    def limit(self) -> bytes:
        return b'"%s";r=%d;t=%d' % (self.name.encode(), max(0, self.left), max(0, self.seconds))
