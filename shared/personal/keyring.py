"""Encryption with AES-256-GCM: a key for each person, wrapped by one of the installation's."""

import hmac
import secrets
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES, MARK_BYTES = 32, 12, 16


class Key:
    """Encrypts; each text is bound to what it is `about`."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def conceal(self, text: bytes, about: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text, about)

    def reveal(self, concealed: bytes, about: bytes) -> bytes:
        """Raises for what was concealed with another key or about something else."""
        return self._cipher.decrypt(concealed[:NONCE_BYTES], concealed[NONCE_BYTES:], about)


class Keyring:
    """The keys of the installation, all made from its one secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._wrapping = Key(self._derived("keys of persons"))
        self.of_files = Key(self._derived("persons in files"))
        self._marking = self._derived("marks of persons in files")

    def _derived(self, purpose: str) -> bytes:
        return hmac.digest(self._secret, b"score: " + purpose.encode(), "sha256")

    def new(self, person: UUID) -> tuple[Key, bytes]:
        """A new key and how it may be kept."""
        key = secrets.token_bytes(KEY_BYTES)
        return Key(key), self._wrapping.conceal(key, person.bytes)

    def unwrapped(self, person: UUID, wrapped: bytes) -> Key:
        return Key(self._wrapping.reveal(wrapped, person.bytes))

    def mark(self, scope: UUID, text: str) -> bytes:
        """The same for the same text in the same scope; tells nobody anything who has not the secret."""
        return hmac.digest(self._marking, scope.bytes + text.encode("utf-8", "surrogatepass"), "sha256")[:MARK_BYTES]
