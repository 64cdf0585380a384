"""Records as a partner sends them, one at a time or as a file."""

import csv
import io
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from bench.registry import COUNTRIES, SYLLABLES

TRADES = ("Garments", "Footwear", "Castings", "Furniture", "Textiles", "Foods")


def name(n: int) -> str:
    """Two words and a trade, like the names of the registry: no two alike, among a million."""
    drawn = blake2b(str(n).encode(), digest_size=10).digest()
    first, second = (drawn[:5], drawn[5:9])
    words = ("".join(SYLLABLES[byte % len(SYLLABLES)] for byte in some).title() for some in (first, second))
    return f"{' '.join(words)} {TRADES[drawn[9] % len(TRADES)]}"


def enterprise(n: int) -> dict[str, Any]:
    return {
        "legal_name": name(n),
        "country": COUNTRIES[n % len(COUNTRIES)],
        "external_ref": f"made-{n}",
        "isic": "1430",
        "languages": ["en"],
        "address": {"street": f"{n} Mill Road", "city": f"City {n % 500}"},
        "workforce": {"as_of": "2024-01-31", "total": 120, "women": 80, "managers": 4},
    }


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    flat = [flattened(row) for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(flat[0]))
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue().encode()


def flattened(row: dict[str, Any]) -> dict[str, Any]:
    return dict(parts(row))


def parts(row: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from parts(value, f"{before}{name}.")
        else:
            yield before + name, "|".join(value) if isinstance(value, list) else value
