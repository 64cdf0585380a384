"""Whose eyes a transaction sees with, and how SQL learns of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, any_, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from shared.permissions.roles import Role

SYSTEM = "system"  # the programme itself: events, imports' bookkeeping, housekeeping
UNLIMITED = frozenset({SYSTEM, Role.PROGRAMME_ADMIN, Role.AUDITOR})  # sees all
TRUSTED = frozenset({SYSTEM, Role.PROGRAMME_ADMIN})  # may write all, too
OFFICES = UNLIMITED | {Role.COORDINATOR}  # the programme's own: they keep its books


@dataclass(frozen=True)
class Who:
    """A role and what it is bound to. Ids that are not bound are None, and are equal to nothing."""

    role: str = SYSTEM
    countries: tuple[str, ...] = ()
    organisation_id: UUID | None = None
    enterprise_id: UUID | None = None
    trainer_id: UUID | None = None

    @property
    def is_unlimited(self) -> bool:
        return self.role in UNLIMITED

    @property
    def is_office(self) -> bool:
        return self.role in OFFICES

    @property
    def is_trusted(self) -> bool:
        return self.role in TRUSTED

    def settings(self) -> Mapping[str, str]:
        """As settings of a transaction, for the fence in the database."""
        return {
            "score.role": self.role,
            "score.countries": ",".join(self.countries),
            "score.organisation_id": str(self.organisation_id or ""),
            "score.enterprise_id": str(self.enterprise_id or ""),
            "score.trainer_id": str(self.trainer_id or ""),
        }


NOBODY_BUT_US = Who()


@dataclass(frozen=True)
class Eyes:
    """The same facts as SQL expressions: a rule is written once, over these, and serves both fences.

    `bound`: they are values now; else the database finds them in each transaction. `only_country`: where there is but one.
    """

    countries: ColumnElement[Any]
    organisation_id: ColumnElement[Any]
    enterprise_id: ColumnElement[Any]
    trainer_id: ColumnElement[Any]
    bound: bool = False
    only_country: ColumnElement[Any] | None = None

    def look_after(self, country: Any) -> ColumnElement[bool]:
        """That it is one's own country. Equal to one, rows come from an index in the order of a list; among some, they do not."""
        one = self.only_country
        return country == (any_(self.countries) if one is None else one)  # type: ignore[no-any-return]

    def look_after_whom(self, named: Any, id: Any, country: Any) -> ColumnElement[bool]:
        """That the column `named` holds an `id` whose `country` is one's own.

        The application's fence may begin with those, when they are few. The database's looks at the one that each row names:
        it would gather all of a country, for every page.
        """
        if self.bound:
            return named.in_(select(id).where(self.look_after(country)))  # type: ignore[no-any-return]
        column = named.expression
        of_the_row: ColumnElement[Any] = literal_column(f"{column.table.name}.{column.name}")
        return self.look_after(select(country).where(id == of_the_row).scalar_subquery())


def eyes_of(who: Who) -> Eyes:
    """Bound values, for the conditions the application adds."""
    return Eyes(
        countries=literal(list(who.countries), ARRAY(Text)),
        organisation_id=literal(who.organisation_id, Uuid),
        enterprise_id=literal(who.enterprise_id, Uuid),
        trainer_id=literal(who.trainer_id, Uuid),
        bound=True,
        only_country=literal(who.countries[0], Text) if len(who.countries) == 1 else None,
    )


def eyes_of_the_transaction() -> Eyes:
    """Those of whoever the transaction's settings name, for the policies of the database. Each is computed once a statement."""
    return Eyes(
        countries=cast(once(func.string_to_array(setting("countries"), ",")), ARRAY(Text)),
        organisation_id=once(cast(setting("organisation_id"), Uuid)),
        enterprise_id=once(cast(setting("enterprise_id"), Uuid)),
        trainer_id=once(cast(setting("trainer_id"), Uuid)),
    )


def role_of_the_transaction() -> ColumnElement[Any]:
    return once(func.coalesce(setting("role"), "nobody"))


def is_among(value: Any, values: ColumnElement[Any]) -> ColumnElement[bool]:
    """`value = any(values)`, which can use an index; the cast tells an array from the rows of a select."""
    return value == any_(cast(values, ARRAY(Text)))  # type: ignore[no-any-return]


def setting(name: str) -> ColumnElement[Any]:
    """None where it is not set."""
    return func.nullif(func.current_setting(f"score.{name}", True), "")


def once(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    return select(expression).scalar_subquery()
