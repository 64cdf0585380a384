from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from shared.pagination import ListQuery, any_of
from shared.types import Code, Count, ExternalRef, Input, Resource, Text, refuse


class Variant(Input):
    """One way to deliver a module. `managers` and `workers` are how many of each an enterprise sends at most."""

    code: Code = Field(examples=["standard"])
    classroom_days: Count
    visits: Count = Field(description="Visits to each enterprise")
    weeks: Count
    group_min: Count = Field(description="Enterprises in one group, at least")
    group_max: Count = Field(description="Enterprises in one group, at most")
    managers: Count
    workers: Count

    @model_validator(mode="after")
    def smallest_group_first(self) -> "Variant":
        if self.group_min > self.group_max:
            raise refuse(
                "out_of_order", f"group_min ({self.group_min}) is more than group_max ({self.group_max}); swap them."
            )
        return self


def each_code_once(variants: list[Variant]) -> list[Variant]:
    if len({variant.code for variant in variants}) < len(variants):
        raise refuse("repeated", "Two variants of a module can't have the same code.")
    return variants


class DefineModule(Input):
    code: Code = Field(examples=["M6"])
    title: Text = Field(examples=["Lean manufacturing"])
    prerequisites: list[Code] = Field([], max_length=20, description="Codes of modules that come before this one")
    variants: Annotated[list[Variant], AfterValidator(each_code_once)] = Field([], max_length=20)
    external_ref: ExternalRef | None = None


class ModuleOut(Resource):
    code: str
    title: str
    prerequisites: list[str]
    variants: list[Variant]
    external_ref: str | None


class ModuleQuery(ListQuery):
    code: any_of(Code) | None = None
    prerequisite: any_of(Code) | None = None
