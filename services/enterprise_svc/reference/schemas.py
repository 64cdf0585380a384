from typing import Literal

from pydantic import Field

from shared.types import Answer


class ReferenceEntry(Answer):
    code: str
    name: str


class CountryEntry(ReferenceEntry):
    """ISO 3166-1: `code` is alpha-2."""

    alpha_3: str
    numeric: str


class CurrencyEntry(ReferenceEntry):
    """ISO 4217."""

    digits: int = Field(description="After the point")


class IsicEntry(ReferenceEntry):
    """ISIC Rev.4; an enterprise has a class."""

    level: Literal["section", "division", "group", "class"]
    parent: str | None


class EventEntry(ReferenceEntry):
    """`code` is the type of the event; `name` the fact about the aggregate that it tells."""

    publisher: str
    aggregate: str
