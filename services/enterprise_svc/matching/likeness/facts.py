"""What is known of an enterprise, read once for all comparisons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from services.enterprise_svc.matching.likeness.names import Name, read_name
from services.enterprise_svc.matching.likeness.places import Place, read_city, read_street, region_of

MOST_TRADE_NAMES = 5  # further ones are not compared


class Known(Protocol):
    """An enterprise, or what is to become one; `address` and `location` as JSON objects."""

    legal_name: str
    local_name: str | None
    trade_names: list[str]
    country: str
    subdivision: str | None
    address: dict[str, Any] | None
    location: dict[str, Any] | None
    identifiers: list[str]


@dataclass(frozen=True)
class Facts:
    """`identifiers` by scheme. `official` names are the legal and the local one."""

    country: str
    legal: Name
    official: tuple[Name, ...]
    trade: tuple[Name, ...]
    place: Place
    identifiers: Mapping[str, str]

    @property
    def names(self) -> tuple[Name, ...]:
        return self.official + self.trade


def facts_of(known: Known) -> Facts:
    place = place_of(known)
    legal = read_name(known.legal_name).without_place(place.city)
    local = [read_name(known.local_name).without_place(place.city)] if known.local_name else []
    trade = [read_name(name).without_place(place.city) for name in known.trade_names[:MOST_TRADE_NAMES]]
    return Facts(known.country, legal, (legal, *local), tuple(trade), place, by_scheme(known.identifiers))


def by_scheme(identifiers: Iterable[str]) -> dict[str, str]:
    """A national number is of its country's scheme."""
    parts = (identifier.partition(":") for identifier in identifiers)
    return {scheme: value for scheme, _, value in parts}


def place_of(known: Known) -> Place:
    address, location = known.address or {}, known.location
    words, numbers = read_street(address["street"]) if address.get("street") else ((), frozenset[str]())
    return Place(
        city=read_city(address["city"]) if address.get("city") else "",
        region=region_of(known.subdivision),
        postal_code="".join(char for char in (address.get("postal_code") or "").casefold() if char.isalnum()),
        street_words=words,
        street_numbers=numbers,
        point=(float(location["latitude"]), float(location["longitude"])) if location else None,
    )
