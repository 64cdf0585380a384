from typing import Annotated

from pydantic import AfterValidator, Field, Strict, ValidationInfo

from shared.pagination import ListQuery, each
from shared.types import MAX_INT, Country, Input, Resource, refuse


def not_below_least(most: int, info: ValidationInfo) -> int:
    least = info.data.get("min_workers")
    if least is not None and most < least:
        raise refuse("below_minimum", f"max_workers ({most}) is less than min_workers ({least}).")
    return most


Workers = Annotated[int, Strict(), Field(ge=1, le=MAX_INT)]


class AmendCountryPolicy(Input):
    """The rules of a country; an enterprise whose workforce lies within the band is eligible."""

    min_workers: Workers = Field(description="Least workforce of an eligible enterprise", examples=[50])
    max_workers: Annotated[Workers, AfterValidator(not_below_least)] = Field(
        description="Greatest workforce of an eligible enterprise", examples=[250]
    )
    nomination_days: Annotated[int, Strict(), Field(ge=1, le=3_650)] = Field(
        description="Days in which a nomination can be accepted", examples=[15]
    )
    certificate_months: Annotated[int, Strict(), Field(ge=1, le=1_200)] = Field(
        description="Months for which a certificate is valid", examples=[24]
    )
    # below three each reporter could be told from the others
    small_cell_threshold: Annotated[int, Strict(), Field(ge=3, le=1_000)] = Field(
        description="Fewest reporters of a figure that others than staff see", examples=[5]
    )


class CountryPolicyOut(Resource):
    country: str
    min_workers: int
    max_workers: int
    nomination_days: int
    certificate_months: int
    small_cell_threshold: int


class CountryPolicyQuery(ListQuery):
    country: Annotated[str | None, each(Country)] = None
