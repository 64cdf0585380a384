"""Which natural keys a file has had so far; for a million rows in some 40 MB, because only digests are kept."""

import secrets
from array import array
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

FULL = 0.6
FIRST_SIZE = 1 << 10


@dataclass(frozen=True)
class Earlier:
    """The row that had the key before, and whether it was the same in all."""

    row: int
    same: bool


class SeenKeys:
    """A hash table with open addressing over 64-bit digests, keyed so that nobody can aim at a collision."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)
        self._count = 0
        self._make(FIRST_SIZE)

    def claim(self, keys: Sequence[Hashable], row: int, content: bytes) -> Earlier | None:
        """Remembers `row` under all of its keys, unless one of them was there before."""
        digests = [self._digest(repr(key).encode("utf-8", "surrogatepass")) for key in keys]
        mark = self._digest(content)
        for digest in digests:
            slot = self._slot(digest)
            if self._rows[slot]:
                return Earlier(self._rows[slot], self._contents[slot] == mark)
        for digest in digests:
            self._put(digest, row, mark)
        return None

    def _digest(self, text: bytes) -> int:
        return int.from_bytes(blake2b(text, digest_size=8, key=self._secret).digest())

    def _slot(self, digest: int) -> int:
        slot = digest & self._mask
        while self._rows[slot] and self._digests[slot] != digest:
            slot = (slot + 1) & self._mask
        return slot

    def _put(self, digest: int, row: int, mark: int) -> None:
        slot = self._slot(digest)
        self._count += not self._rows[slot]
        self._digests[slot], self._rows[slot], self._contents[slot] = digest, row, mark
        if self._count > FULL * len(self._rows):
            self._grow()

    def _make(self, size: int) -> None:
        self._mask = size - 1
        self._digests, self._contents = array("Q", bytes(8 * size)), array("Q", bytes(8 * size))
        self._rows = array("I", bytes(4 * size))  # 0: free

    def _grow(self) -> None:
        old = zip(self._digests, self._rows, self._contents, strict=True)
        self._count = 0
        self._make(2 * len(self._rows))
        for digest, row, mark in old:
            if row:
                self._put(digest, row, mark)
