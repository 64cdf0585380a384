from typing import Annotated

from pydantic import Field

from shared.pagination import ListQuery, each
from shared.types import Code, ExternalRef, Input, Resource, Text


class StartProgramme(Input):
    code: Code = Field(examples=["SCORE"])
    name: Text = Field(examples=["Sustaining Competitive and Responsible Enterprises"])
    external_ref: ExternalRef | None = None


class ProgrammeOut(Resource):
    code: str
    name: str
    external_ref: str | None


class ProgrammeQuery(ListQuery):
    code: Annotated[str | None, each(Code)] = None
