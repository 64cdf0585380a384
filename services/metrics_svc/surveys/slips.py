"""Slip numbers of anonymous interviews: known again, never known. Only a keyed hash of one is ever kept."""

import hmac
import re
import unicodedata
from uuid import UUID

PURPOSE = b"survey slip numbers"
MARKED = "slip-"
MARK_TEXT = re.compile(f"{MARKED}[0-9a-f]{{64}}")


class Slips:
    """The key is made of the installation's secret: a copy of the database alone tells nothing of a number.

    With another secret the numbers already kept are not known again.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), PURPOSE, "sha256")

    def mark(self, survey_id: UUID, reference: str) -> bytes:
        """The same for the same number of the same survey; numbers of two surveys can't be compared."""
        return hmac.digest(self._key, survey_id.bytes + tidy(reference).encode(), "sha256")

    def conceal(self, survey_id: UUID, reference: str) -> str:
        """The mark as a text that may stand for the number; what is such a text already stays."""
        if not tidy(reference) or MARK_TEXT.fullmatch(reference):
            return reference
        return MARKED + self.mark(survey_id, reference).hex()


def mark_of(concealed: str) -> bytes:
    return bytes.fromhex(concealed.removeprefix(MARKED))


def tidy(reference: str) -> str:
    """As texts of the API are: trimmed and composed."""
    return unicodedata.normalize("NFC", reference).strip()
