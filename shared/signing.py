"""Opaque signed strings: cursors and consistency tokens. What is in them is ours alone to read and to change."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

TAG_BYTES = 12


class Signer:
    """HMAC-SHA256 over canonical JSON, the tag shortened to 96 bits; one purpose never reads another's strings."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._key = hashlib.sha256(f"{purpose}:{secret}".encode()).digest()

    def sign(self, value: Any) -> str:
        body = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
        return encoded(self._tag(body) + body)

    def read(self, text: str) -> Any:
        """What was signed; `ValueError` for anything this installation did not sign."""
        try:
            raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (UnicodeEncodeError, binascii.Error) as error:
            raise ValueError("not signed here") from error
        tag, body = raw[:TAG_BYTES], raw[TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(body)) or encoded(raw) != text:  # one spelling for each
            raise ValueError("not signed here")
        return json.loads(body)

    def _tag(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()[:TAG_BYTES]


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
