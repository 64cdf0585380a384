"""Names as they are searched: without accents and capitals."""

import unicodedata
from collections.abc import Iterable


def plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(char for char in parts if unicodedata.category(char) != "Mn"))


def searchable(names: Iterable[str | None]) -> str:
    """All names of an enterprise in one text; a line break keeps a fragment from matching across two of them."""
    return "\n".join(plain(name) for name in names if name)
