"""How a results table is asked for and written."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.metrics_svc.results.calculation.facts import SAVINGS, Options, Recurrence
from services.metrics_svc.results.calculation.rounding import (
    decimal_text,
    fraction_text,
    mean_text,
    per_cent,
    whole_money,
)
from services.metrics_svc.results.calculation.table import Row, Sum
from services.metrics_svc.suppression.told import RowTold
from shared.types import Answer, Code, Country, Day, Id, Instant, IsicPrefix


class ResultsQuery(BaseModel):
    """All parameters hold together for the same attendance."""

    model_config = ConfigDict(extra="forbid")

    country: Country | None = Field(None, description="The enterprise's country")
    phase_id: Id | None = Field(None, description="The phase named by the cycle")
    partnership_id: Id | None = Field(None, description="The partnership named by the cycle")
    buyer_id: Id | None = Field(
        None,
        description="Enterprises with a confirmed supply link to it on `as_of`, and cycles of a partnership it is a party of",
    )
    enterprise_id: Id | None = None
    isic: IsicPrefix | None = Field(None, description="The first one to four digits of the enterprise's activity")
    module: Code | None = Field(None, description="The code of the cycle's module")
    as_of: Day | None = Field(
        None, description="When things happened, not when they were recorded; today (UTC) if left out"
    )
    denominator: Literal["reporters", "trained"] = Field("reporters", description="Over what shares are taken")
    mean_over: Literal["improvers", "reporters"] = Field("improvers", description="Over whom means are taken")

    @property
    def options(self) -> Options:
        return Options(self.denominator, self.mean_over)

    def given(self) -> dict[str, Any]:
        """The parameters sent; the day is answered apart."""
        return self.model_dump(mode="json", exclude_unset=True, exclude={"as_of"})


class PopulationOut(Answer):
    """`staff_trained`: distinct persons; `enterprises_reporting`: a reporter in at least one row. Null where it is suppressed."""

    enterprises_trained: int | None
    staff_trained: int | None
    visits: int | None
    enterprises_reporting: int | None


class ExactOut(Answer):
    """Fractions in lowest terms; means with 12 places, half away from zero; `mean_change` as a fraction of one."""

    share: str | None = Field(examples=["5/6"])
    coverage: str | None = Field(examples=["30/53"])
    mean_change: str | None = Field(examples=["-0.110000000000"])
    mean_amount: str | None = Field(examples=["18670.000000000000"])


class RowOut(Answer):
    """One indicator. `share` (improved of reporters, or of trained), `coverage` (reporters of trained) and `mean_change` are
    whole per cent, `mean_amount` whole USD; null where there is nothing to divide by. `suppressed`: too few for this to be
    told outside the programme, every figure is null; in a row that is told, a figure may be null for the same reason."""

    indicator: str = Field(examples=["KPI02"])
    name: str
    unit: str
    recurrence: Recurrence | None = Field(description="Of savings: null over both")
    trained: int | None
    reporters: int | None
    improved: int | None
    coverage: int | None
    share: int | None
    mean_change: int | None
    mean_amount: str | None = Field(examples=["18670.00"])
    exact: ExactOut
    suppressed: bool


class SumOut(Answer):
    positive: str = Field(examples=["536"])
    negative: str = Field(examples=["-707"])
    net: str = Field(examples=["-171"])


class SumRowOut(RowOut):
    """What was gained and lost, by readings that are changes themselves; it has no means."""

    sum: SumOut | None


class ExactGainOut(ExactOut):
    gain: str | None = Field(examples=["2/3"])


class PracticeRowOut(RowOut):
    """A yes or no: `share` is yes after of answered after, `gain` yes after of those who said no before."""

    gain: int | None
    exact: ExactGainOut


class ResultsOut(Answer):
    scope: dict[str, str] = Field(description="The parameters given")
    as_of: Day
    fresh_as_of: Instant = Field(
        description="Everything told before this instant has been counted; outside the programme's staff, in the next revision"
    )
    rule_set: Literal["v1"]
    population: PopulationOut
    rows: list[PracticeRowOut | SumRowOut | RowOut]


# --- writing ---------------------------------------------------------------------------------------------------


def row_out(row: Row, told: RowTold, options: Options) -> RowOut:
    said = figures(row, told, options) if told.reporters else silence(row)
    if row.indicator.aggregation == "sum":
        return SumRowOut(**said, sum=sum_out(row.total) if row.total and told.amounts else None)
    if row.indicator.aggregation == "yes_share":
        gain = row.gain if told.gain else None
        return PracticeRowOut(**said | {"exact": said["exact"] | {"gain": fraction_text(gain)}}, gain=per_cent(gain))
    return RowOut(**said)


def name_of(row: Row) -> dict[str, Any]:
    one = row.indicator
    return {"indicator": one.code, "name": one.name, "unit": one.unit, "recurrence": row.recurrence}


def silence(row: Row) -> dict[str, Any]:
    figures = ("trained", "reporters", "improved", "coverage", "share", "mean_change", "mean_amount")
    exact = dict.fromkeys(("share", "coverage", "mean_change", "mean_amount"))
    return name_of(row) | dict.fromkeys(figures) | {"exact": exact, "suppressed": True}


def figures(row: Row, told: RowTold, options: Options) -> dict[str, Any]:
    """How many were trained is in the coverage too, and in the share if that is taken over them."""
    coverage = row.coverage if told.trained else None
    share = row.share if told.trained or options.denominator == "reporters" else None
    mean = row.mean if told.amounts else None
    change, amount = (None, mean) if row.indicator.code == SAVINGS else (mean, None)
    return name_of(row) | {
        "trained": row.trained if told.trained else None,
        "reporters": len(row.reporters),
        "improved": row.improved,
        "coverage": per_cent(coverage),
        "share": per_cent(share),
        "mean_change": per_cent(change),
        "mean_amount": whole_money(amount),
        "exact": {
            "share": fraction_text(share),
            "coverage": fraction_text(coverage),
            "mean_change": mean_text(change),
            "mean_amount": mean_text(amount),
        },
        "suppressed": False,
    }


def sum_out(total: Sum) -> SumOut:
    return SumOut(
        positive=decimal_text(total.positive), negative=decimal_text(total.negative), net=decimal_text(total.net)
    )
