"""The values the API takes and gives: each type refuses at the door what the database or a reader could not bear.

Every input model derives from `Input` (unknown fields refused, texts trimmed and NFC); every answer from `Resource` or `Answer`.
Numbers other than counts are decimal strings in plain notation and never pass through a float.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

import pycountry
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    PlainSerializer,
    Strict,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from shared.context import current
from shared.json_in import JsonNumber

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DATE_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH_TEXT = re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")
MONTH_SCHEMA = "^([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-(0[1-9]|1[0-2])$"
INSTANT_TEXT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
DECIMAL_TEXT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
MAX_INT = 2**31 - 1


def refuse(code: str, detail: str) -> PydanticCustomError:
    """An error of validation with a code of ours; `detail` must not repeat what was sent."""
    return PydanticCustomError(code, detail.replace("{", "{{").replace("}", "}}"))


def refuse_at(field: str, code: str, detail: str, *others: str) -> ValidationError:
    """The same from a validator of a whole model, about one of its fields, or about several that do not go together."""
    found = [InitErrorDetails(type=refuse(code, detail), loc=(name,), input=None) for name in (field, *others)]
    return ValidationError.from_exception_data("", found)


def refuse_backwards(first: Any, last: Any) -> None:
    """Of a range that a list is asked for: days or months, either of which may be left open."""
    if first is not None and last is not None and last < first:
        raise refuse_at("from", "range_backwards", f"from ({first}) is after to ({last}).", "to")


# --- texts -----------------------------------------------------------------------------------------------------


def clean_text(value: Any) -> Any:
    """Trim and compose (NFC); refuse what no text field can hold."""
    if not isinstance(value, str):
        return value
    if not value.isprintable():  # what a text can't hold never is, and hardly anything else is not
        refuse_unwritable(value)
    return unicodedata.normalize("NFC", value).strip()


def refuse_unwritable(value: str) -> None:
    if "\x00" in value:
        raise refuse("nul_character", "A text can't hold the NUL character.")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise refuse("invalid_unicode", "A text can't hold half of a surrogate pair.")
    if any(unicodedata.category(char) == "Cc" and char not in "\t\n\r" for char in value):
        raise refuse("control_character", "A text can't hold control characters.")


CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
# as the contract says it: no control characters, and something besides spaces
TEXT_SCHEMA: dict[str, JsonValue] = {"pattern": rf"^[^{CONTROL}]*[^\s{CONTROL}][^{CONTROL}]*$"}


def text(max_length: int = 500) -> Any:
    """A text of 1 to `max_length` characters, trimmed and NFC."""
    # the bounds stand next to `str`: further out they would speak of a list
    bounds = StringConstraints(min_length=1, max_length=max_length)
    return Annotated[str, bounds, BeforeValidator(clean_text), Field(json_schema_extra=TEXT_SCHEMA)]


Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500),
    BeforeValidator(clean_text),
    Field(json_schema_extra=TEXT_SCHEMA),
]
ExternalRef = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    BeforeValidator(clean_text),
    Field(json_schema_extra=TEXT_SCHEMA),
]


def of_form(pattern: str, sentence: str, *, called: str = "wrong_format") -> AfterValidator:
    """Refuses in words what does not fit; the contract is told by `Field(json_schema_extra={"pattern": …})`."""
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise refuse(called, sentence)
        return value

    return AfterValidator(check)


CODE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,49}$"
Code = Annotated[
    str,
    BeforeValidator(clean_text),
    of_form(CODE, "A code has up to 50 letters, digits, points, dashes and underscores, for instance M1."),
    Field(json_schema_extra={"pattern": CODE}),
]


def one_of(allowed: Iterable[str], code: str, detail: str) -> Callable[[str], str]:
    known = frozenset(allowed)

    def check(value: str) -> str:
        if value not in known:
            raise refuse(code, detail)
        return value

    return check


COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries)
CURRENCIES = frozenset(currency.alpha_3 for currency in pycountry.currencies)

Country = Annotated[
    str,
    AfterValidator(one_of(COUNTRIES, "unknown_country", "A country is an ISO 3166-1 alpha-2 code, for instance GH.")),
    Field(examples=["CN"], json_schema_extra={"pattern": "^[A-Z]{2}$", "enum": sorted(COUNTRIES)}),
]
Currency = Annotated[
    str,
    AfterValidator(one_of(CURRENCIES, "unknown_currency", "A currency is an ISO 4217 code, for instance USD.")),
    Field(examples=["USD"], json_schema_extra={"enum": sorted(CURRENCIES)}),
]

LANGUAGE_TAG = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"


TAGS = "A language is a BCP 47 tag, for instance zh or zh-Hant."


def known_language(tag: str) -> str:
    primary = tag.split("-")[0]
    found = pycountry.languages.get(alpha_2=primary) if len(primary) == 2 else pycountry.languages.get(alpha_3=primary)
    if found is None:
        raise refuse("unknown_language", TAGS)
    return tag


Language = Annotated[
    str,
    of_form(LANGUAGE_TAG, TAGS),
    AfterValidator(known_language),
    Field(examples=["zh"], json_schema_extra={"pattern": LANGUAGE_TAG}),
]
Isic = Annotated[
    str,
    of_form("^[0-9]{4}$", "An activity is an ISIC Rev.4 class of four digits, for instance 1430."),
    Field(examples=["1430"], description="ISIC Rev.4 class", json_schema_extra={"pattern": "^[0-9]{4}$"}),
]
IsicPrefix = Annotated[
    str,
    of_form("^[0-9]{1,4}$", "The first one to four digits of an ISIC Rev.4 class, for instance 14."),
    Field(json_schema_extra={"pattern": "^[0-9]{1,4}$"}),
]

# --- ids, times ------------------------------------------------------------------------------------------------


def parse_id(value: Any) -> UUID:
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or not UUID_TEXT.fullmatch(value):
        raise refuse("malformed_id", "An id is a lower-case UUID with dashes.")
    return UUID(value)


Id = Annotated[UUID, BeforeValidator(parse_id), Field(examples=["018f0c5e-7f00-7000-8000-000000000000"])]


def parse_date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not DATE_TEXT.fullmatch(value):
        raise refuse("malformed_date", "A date is written 2012-03-31.")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise refuse("malformed_date", "There is no such day.") from error


def parse_month(value: Any) -> str:
    if not isinstance(value, str) or not MONTH_TEXT.fullmatch(value):
        raise refuse("malformed_month", "A month is written 2012-03.")
    return value


def parse_instant(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo:
        return value if value.tzinfo is UTC else value.astimezone(UTC)
    if not isinstance(value, str) or not INSTANT_TEXT.fullmatch(value):
        raise refuse("malformed_instant", "An instant is written 2012-03-31T08:00:00Z.")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refuse("malformed_instant", "There is no such instant.") from error


def instant_text(value: datetime) -> str:
    there = value if value.tzinfo is UTC else value.astimezone(UTC)
    return there.isoformat(timespec="microseconds")[:-6] + "Z"  # instead of +00:00


Day = Annotated[date, BeforeValidator(parse_date), Field(examples=["2012-03-31"])]
Month = Annotated[
    str,
    BeforeValidator(parse_month),
    Field(examples=["2012-03"], json_schema_extra={"pattern": MONTH_SCHEMA}),
]
Instant = Annotated[
    datetime,
    BeforeValidator(parse_instant),
    PlainSerializer(instant_text, when_used="json"),
    Field(examples=["2012-03-31T08:00:00Z"]),
]

# --- numbers ---------------------------------------------------------------------------------------------------

Count = Annotated[int, Strict(), Field(ge=0, le=MAX_INT)]
Flag = Annotated[bool, Strict()]
COUNT_TEXT = re.compile(r"[0-9]{1,10}")


def parse_count(value: Any) -> Any:
    """A count in a query is written in plain digits: no sign, point, space or underscore."""
    if isinstance(value, str):
        if not COUNT_TEXT.fullmatch(value):
            raise refuse("wrong_type", "This must be a whole number.")
        return int(value)
    return value


QueryCount = Annotated[int, BeforeValidator(parse_count)]


def parse_decimal(value: Any) -> Decimal:
    """A decimal string in plain notation, or a JSON number of at most 15 significant digits; never a float."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise refuse("malformed_decimal", 'A number is a decimal string, for instance "18670.50".')
    if isinstance(value, str):
        if not DECIMAL_TEXT.fullmatch(value):
            raise refuse(
                "malformed_decimal", 'A number is a decimal string in plain notation, for instance "18670.50".'
            )
        return bounded(Decimal(value))
    number = Decimal(value)
    if isinstance(value, int | JsonNumber) and len(number.as_tuple().digits) > 15:
        raise refuse("too_many_digits", "A JSON number may have at most 15 significant digits; send a string.")
    return bounded(number)


def bounded(number: Decimal) -> Decimal:
    """At most 18 digits before the point and 12 after it: what every calculation and column can hold exactly."""
    if not number.is_finite() or number.adjusted() >= 18:
        raise refuse("out_of_range", "A number may have at most 18 digits before the point.")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -12:
        raise refuse("too_many_digits", "A number may have at most 12 digits after the point.")
    return number


def decimal_text(number: Decimal) -> str:
    """Plain notation without an exponent: `Decimal("1E+3")` is `"1000"`."""
    return format(number, "f")


DECIMAL_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?$", "examples": ["18670.50"]},
        {"type": "number", "description": "At most 15 significant digits"},
    ]
}
DecimalIn = Annotated[
    Decimal,
    BeforeValidator(parse_decimal),
    PlainSerializer(decimal_text, when_used="json"),
    WithJsonSchema(DECIMAL_SCHEMA, mode="validation"),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}, mode="serialization"),
]


def within(low: str, high: str) -> AfterValidator:
    least, most = Decimal(low), Decimal(high)

    def check(value: Decimal) -> Decimal:
        if not least <= value <= most:
            raise refuse("out_of_range", f"The number must lie between {least} and {most}.")
        return value

    return AfterValidator(check)


def positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise refuse("out_of_range", "The number must be greater than 0.")
    return value


PositiveDecimal = Annotated[DecimalIn, AfterValidator(positive)]
Latitude = Annotated[DecimalIn, within("-90", "90")]
Longitude = Annotated[DecimalIn, within("-180", "180")]

THREE_DIGITS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
FOUR_DIGITS = frozenset("CLF UYW".split())
NO_DIGITS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())


def currency_digits(currency: str) -> int:
    """Digits after the point by ISO 4217 ("minor unit")."""
    if currency in NO_DIGITS:
        return 0
    return 3 if currency in THREE_DIGITS else 4 if currency in FOUR_DIGITS else 2


def money_text(amount: Decimal, currency: str) -> str:
    return format(amount.quantize(Decimal(1).scaleb(-currency_digits(currency))), "f")


# --- models ----------------------------------------------------------------------------------------------------


class Input(BaseModel):
    """Base of what the API takes."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, validate_default=False)


class Answer(BaseModel):
    """Base of what the API gives. Fields have no defaults, so that each is `required` in the contract."""

    model_config = ConfigDict(from_attributes=True)

    between_two: ClassVar[bool] = (
        False  # what an enterprise and its partner have agreed on: as much the one's as the other's
    )

    @property
    def tells_of(self) -> list[UUID]:
        """The enterprises whose data this is: a reader from outside leaves them a receipt."""
        named: UUID | None = getattr(self, "enterprise_id", None)
        return [] if named is None or self.between_two else [named]


class Resource(Answer):
    """What every resource carries. An `external_ref` is its client's own: to others but the programme's offices it is null.

    `whole`: whether a form answers all that is known; one that leaves fields out says so.
    """

    whole: ClassVar[bool] = True
    _concealed: ClassVar[bool] = False  # of one whose reference is not told it is set beside the fields

    id: Id
    version: int
    created_at: Instant
    updated_at: Instant

    @property
    def is_whole(self) -> bool:
        return self.whole and not self._concealed

    @model_validator(mode="wrap")
    @classmethod
    def conceal(cls, known: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        answer = read(values_of(known, cls))
        if getattr(answer, "external_ref", None) is not None and not sees_reference(known):
            answer.external_ref = None  # type: ignore[attr-defined]
            object.__setattr__(answer, "_concealed", True)
        return answer


def values_of(known: Any, form: type[BaseModel]) -> Any:
    """Of a row what `form` asks for, by name: the descriptors of its columns would be asked one by one, each at more cost than
    all that is checked."""
    kept = getattr(known, "__dict__", None)
    if kept is None or isinstance(known, form):
        return known
    return {name: kept[name] if name in kept else getattr(known, name) for name in names_asked_by(form)}


@cache
def names_asked_by(form: type[BaseModel]) -> Sequence[str]:
    return [str(field.validation_alias or name) for name, field in form.model_fields.items()]


def sees_reference(resource: Any) -> bool:
    context = current()
    return context.who.is_office or getattr(resource, "created_by", None) == context.subject


class Money(Input):
    """An amount with no more digits than its currency has (ISO 4217); answered with exactly as many."""

    amount: DecimalIn
    currency: Currency

    @model_validator(mode="after")
    def no_more_digits_than_the_currency(self) -> "Money":
        exponent = self.amount.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > currency_digits(self.currency):
            detail = f"{self.currency} has {currency_digits(self.currency)} digits after the point."
            raise refuse_at("amount", "too_many_digits", detail)
        self.amount = self.amount.quantize(Decimal(1).scaleb(-currency_digits(self.currency)))
        return self


class Location(Input):
    """WGS 84 degrees."""

    latitude: Latitude
    longitude: Longitude


Sex = Literal["female", "male", "other", "unknown"]
