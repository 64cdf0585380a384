from pydantic import Field

from shared.types import Id, Input


class MergeEnterprise(Input):
    into: Id = Field(description="The enterprise that goes on")


class UnmergeEnterprise(Input):
    merged_id: Id | None = Field(
        None,
        description="Where the address names the one that went on: which of those merged into it; left out: the only one",
    )
