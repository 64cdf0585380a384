from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from services.metrics_svc.surveys.models import Category, Scale
from shared.pagination import ListQuery, PeriodQuery, any_of
from shared.references import Reference
from shared.types import Answer, Code, Country, Day, ExternalRef, Id, Input, Resource, Sex, Text, clean_text, refuse

# no dot: `answers.<code>` is the name of a column
ItemCode = Annotated[str, BeforeValidator(clean_text), StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$")]
SlipNumber = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(clean_text)]
FivePoints = Literal[1, 2, 3, 4, 5]


def distinct(categories: list[Category]) -> list[Category]:
    return list(dict.fromkeys(categories))


class SurveyItem(Input):
    """One question. `about`: who is asked it."""

    code: ItemCode = Field(examples=["relations"])
    text: Text = Field(examples=["Managers and workers get on better"])
    scale: Scale
    about: Annotated[list[Category], AfterValidator(distinct)] = Field(min_length=1, max_length=2)


def different_codes(items: list[SurveyItem]) -> list[SurveyItem]:
    if len({item.code for item in items}) < len(items):
        raise refuse("repeated_code", "Two items have the same code.")
    return items


class AnnounceSurvey(Input):
    code: Code = Field(examples=["COOP-2012"])
    title: Text
    country: Country | None = None
    partnership_id: Id | None = None
    phase_id: Id | None = None
    conducted_on: Day
    items: Annotated[list[SurveyItem], AfterValidator(different_codes)] = Field(min_length=1, max_length=200)
    external_ref: ExternalRef | None = None


class SurveyOut(Resource):
    code: str
    title: str
    country: str | None
    partnership_id: Id | None
    phase_id: Id | None
    conducted_on: Day
    items: list[SurveyItem]
    external_ref: str | None


class SurveyQuery(PeriodQuery):
    """`from` and `to` are days of `conducted_on`."""

    code: any_of(Code) | None = None
    country: any_of(Country) | None = None
    partnership_id: any_of(Id) | None = None
    phase_id: any_of(Id) | None = None


# --- responses -------------------------------------------------------------------------------------------------


class ResponseFields(Input):
    category: Category
    sex: Sex | None = None


class RecordResponse(ResponseFields):
    """One interview. `reference` is the random number of a paper slip; it is never kept nor answered."""

    enterprise_id: Id
    reference: SlipNumber | None = None
    answers: dict[str, Any] = Field(
        default_factory=dict,
        max_length=200,
        description="By code of the item: true or false, or 1 to 5; null or left out is blank",
        examples=[{"relations": True, "efficiency": 4}],
    )


class ResponseRow(ResponseFields):
    """A row of an import. Without its number a second import would count the person twice, so each row has one."""

    enterprise_id: Reference
    reference: SlipNumber


class ResponseOut(Resource):
    """`created_at` and `updated_at` are days; nothing tells responses of one day apart in time."""

    survey_id: Id
    enterprise_id: Id
    category: Category
    sex: str | None
    answers: dict[str, Any]


class ResponseQuery(ListQuery):
    enterprise_id: any_of(Id) | None = None
    category: any_of(Category) | None = None
    sex: any_of(Sex) | None = None


# --- results ---------------------------------------------------------------------------------------------------


class ExactShare(Answer):
    share: str | None = Field(description='A fraction in lowest terms, for instance "34/37"')


class ItemResult(Answer):
    """`share` is 100 x agree / answered, half up; null when nobody answered. `suppressed`: so few answered that the figures are
    not told outside the programme; all are null."""

    code: str
    text: str
    answered: int | None
    agree: int | None
    share: int | None
    exact: ExactShare
    suppressed: bool


class SurveyResults(Answer):
    survey_id: Id
    category: Category | None
    items: Sequence[ItemResult]
