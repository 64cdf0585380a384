"""What observations and savings take and give alike."""

from typing import Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, Field, model_validator
from sqlalchemy import ColumnElement

from services.metrics_svc.records.versions import RecordState
from shared.pagination import ListQuery, any_of
from shared.types import Answer, Id, Input, Month, Resource, Text, refuse, refuse_backwards

SentState = Literal["draft", "submitted", "approved"]
Filter = TypeVar("Filter", bound=BaseModel)


class ReturnToSender(Input):
    """Why a record goes back to whoever sent it."""

    reason: Text


class VersionedResource(Resource):
    """`revision` counts the versions of one record; `reason` says why it was returned."""

    state: RecordState
    revision: int
    reason: str | None
    external_ref: str | None
    allowed_actions: list[str]


class Months(Input):
    """A range of months, both ends included."""

    from_: Month | None = Field(None, alias="from", description="First month")
    to: Month | None = Field(None, description="Last month")

    @model_validator(mode="after")
    def goes_forward(self) -> Self:
        refuse_backwards(self.from_, self.to)
        return self


class MonthRange(Months, ListQuery):
    """A list of what belongs to one month each."""


class RecordFilter(Months):
    enterprise_id: any_of(Id) | None = None

    @model_validator(mode="before")
    @classmethod
    def lists_as_in_a_query(cls, sent: Any) -> Any:
        """Any of several values: a list in a body, parted by commas in a query."""
        return {name: joined(value) for name, value in sent.items()} if isinstance(sent, dict) else sent


def joined(value: Any) -> Any:
    texts = isinstance(value, list) and value and all(isinstance(one, str) for one in value)
    return ",".join(value) if texts else value


class RecordQuery(ListQuery):
    state: any_of(RecordState) | None = None


class ApproveMany(Input, Generic[Filter]):
    """Either `ids` or `filter`: the list's own filters. Only what is submitted is approved."""

    ids: list[Id] | None = Field(None, min_length=1, max_length=1000)
    filter: Filter | None = None

    @model_validator(mode="after")
    def either_ids_or_filter(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise refuse("ids_or_filter", "Send either ids or filter.")
        if self.filter and not self.filter.model_fields_set:
            raise refuse("empty_filter", "Say which: a filter names at least one field.")
        return self


class ApprovalOut(Answer):
    """What was approved, in the transaction of this request. `skipped`: ids that were not submitted, or have a newer version
    among the ids. `remaining`: how many more the filter lets through; repeat the request until it is 0."""

    approved: int
    superseded: int
    skipped: list[Id]
    remaining: int


def within_months(column: Any, query: Any) -> list[ColumnElement[bool]]:
    """The conditions of `from` and `to` on a column of months, which sort as their texts do."""
    low = [column >= query.from_] if query.from_ else []
    return [*low, *([column <= query.to] if query.to else [])]
