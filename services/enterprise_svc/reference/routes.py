import hashlib
from collections.abc import Sequence

from pydantic import BaseModel

from services.enterprise_svc.reference import queries
from services.enterprise_svc.reference.schemas import CountryEntry, CurrencyEntry, EventEntry, IsicEntry, ReferenceEntry
from shared.answers import PageAnswer
from shared.contract import page_of
from shared.routing import Router

router = Router("reference")


class Whole(PageAnswer):
    """A list on one page; its ETag is what it says, so that it is sent once."""

    def __init__(self, entries: Sequence[BaseModel]) -> None:
        super().__init__(entries, None, None, None)
        self.headers["ETag"] = f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


@router.get("/countries", response_model=page_of(CountryEntry))
async def list_countries() -> Whole:
    """Countries, by ISO 3166-1."""
    return Whole(queries.countries())


@router.get("/currencies", response_model=page_of(CurrencyEntry))
async def list_currencies() -> Whole:
    """Currencies, by ISO 4217."""
    return Whole(queries.currencies())


@router.get("/languages", response_model=page_of(ReferenceEntry))
async def list_languages() -> Whole:
    """Languages, by ISO 639-1; any other that has a BCP 47 tag is taken as well."""
    return Whole(queries.languages())


@router.get("/isic", response_model=page_of(IsicEntry))
async def list_isic() -> Whole:
    """Economic activities, by ISIC Rev.4: sections, divisions, groups and classes."""
    return Whole(queries.isic())


@router.get("/identifier-schemes", response_model=page_of(ReferenceEntry))
async def list_identifier_schemes() -> Whole:
    """Numbers under which enterprises are known, and the form of each."""
    return Whole(queries.identifier_schemes())


@router.get("/roles", response_model=page_of(ReferenceEntry))
async def list_roles() -> Whole:
    """What a client or a person can be to the programme."""
    return Whole(queries.roles())


@router.get("/events", response_model=page_of(EventEntry))
async def list_event_types() -> Whole:
    """Types of the events that the services announce."""
    return Whole(queries.events())
