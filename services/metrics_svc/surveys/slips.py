"""Slip numbers of anonymous interviews: known again, never known. Only a keyed hash of one is ever kept."""

import hmac
from uuid import UUID

PURPOSE = b"survey slip numbers"


class Slips:
    """The key is made of the installation's secret: a copy of the database alone tells nothing of a number.

    With another secret the numbers already kept are not known again.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), PURPOSE, "sha256")

    def mark(self, survey_id: UUID, reference: str) -> bytes:
        """The same for the same number of the same survey; numbers of two surveys can't be compared."""
        return hmac.digest(self._key, survey_id.bytes + reference.encode(), "sha256")
