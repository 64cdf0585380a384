"""What forms choose from. Lists that others keep come from their keepers: ISO's by pycountry, the UN's from its own text."""

import csv
import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pycountry

import shared.events
from services.enterprise_svc.enterprises.identifiers import FORMS
from services.enterprise_svc.reference.schemas import CountryEntry, CurrencyEntry, EventEntry, IsicEntry, ReferenceEntry
from shared.events import Event
from shared.permissions.roles import Role
from shared.types import currency_digits

ISIC = Path(__file__).parent / "isic_rev4.csv"
LEVELS = {1: "section", 2: "division", 3: "group", 4: "class"}
ROLES = {
    Role.PROGRAMME_ADMIN: "Runs the programme: may do everything",
    Role.COORDINATOR: "Runs it in some countries",
    Role.PROVIDER: "Trains: has trainers and cycles",
    Role.TRAINER: "Has assignments",
    Role.ENTERPRISE: "Is trained: has itself, its consents and who read of it",
    Role.BUYER: "Sponsors: has its partnerships, and of enterprises what they consent to",
    Role.DONOR: "Pays: has aggregates",
    Role.AUDITOR: "Reads everything and changes nothing",
}


@cache
def countries() -> Sequence[CountryEntry]:
    return [
        CountryEntry(code=one.alpha_2, name=one.name, alpha_3=one.alpha_3, numeric=one.numeric)
        for one in sorted(pycountry.countries, key=lambda one: one.alpha_2)
    ]


@cache
def currencies() -> Sequence[CurrencyEntry]:
    return [
        CurrencyEntry(code=one.alpha_3, name=one.name, digits=currency_digits(one.alpha_3))
        for one in sorted(pycountry.currencies, key=lambda one: one.alpha_3)
    ]


@cache
def languages() -> Sequence[ReferenceEntry]:
    """Those with a code of two letters: BCP 47 wants the shortest."""
    codes = {one.alpha_2: one.name for one in pycountry.languages if hasattr(one, "alpha_2")}
    return [ReferenceEntry(code=code, name=name) for code, name in sorted(codes.items())]


@cache
def isic() -> Sequence[IsicEntry]:
    with ISIC.open(encoding="utf-8", newline="") as rows:
        return [
            IsicEntry.model_validate(row | {"level": LEVELS[len(row["code"])], "parent": row["parent"] or None})
            for row in csv.DictReader(rows)
        ]


@cache
def identifier_schemes() -> Sequence[ReferenceEntry]:
    return [ReferenceEntry(code=scheme, name=form) for scheme, form in FORMS.items()]


@cache
def roles() -> Sequence[ReferenceEntry]:
    return [ReferenceEntry(code=role, name=ROLES[role]) for role in Role]


@cache
def events() -> Sequence[EventEntry]:
    subjects = sorted({fact.subject for fact in published_facts()})
    parts = [(subject, subject.split(".")) for subject in subjects]
    return [
        EventEntry(code=subject, name=fact, publisher=publisher, aggregate=aggregate)
        for subject, (_, publisher, aggregate, fact, _) in parts
    ]


def published_facts() -> Iterator[type[Event]]:
    for module in pkgutil.iter_modules(shared.events.__path__, "shared.events."):
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and issubclass(kind, Event) and "subject" in vars(kind):
                yield kind
