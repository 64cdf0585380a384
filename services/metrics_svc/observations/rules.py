"""What an indicator demands of an observation beyond its shape; for one request as for a row of a file."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.metrics_svc.indicators.models import Aggregation, Indicator
from services.metrics_svc.observations.schemas import ObservationContent
from services.metrics_svc.units import UnknownUnit, check_unit

NO_INDICATOR = "There is no indicator with this code."
COMPUTED, UNIT_UNKNOWN = "computed_indicator", "unit_unknown"
# the numerator is the figure itself
WITHOUT_DENOMINATOR = {"KPI11"}
ALONE = {Aggregation.SUM, Aggregation.YES_SHARE}


@dataclass(frozen=True)
class Breach:
    """`field` is the JSON name of what breaks the rule."""

    field: str
    code: str
    detail: str


def breaches(indicator: Indicator, content: ObservationContent) -> list[Breach]:
    if indicator.aggregation == Aggregation.COMPUTED:
        return [Breach("indicator", COMPUTED, f"{indicator.code} is computed; it takes no observations.")]
    return [
        *of_the_unit(indicator, content),
        *of_the_numerator(indicator, content),
        *of_the_denominator(indicator, content),
    ]


def of_the_unit(indicator: Indicator, content: ObservationContent) -> Iterator[Breach]:
    try:
        check_unit(indicator.code, content.unit, indicator.unit)
    except UnknownUnit as error:
        yield Breach("unit", UNIT_UNKNOWN, str(error))


def of_the_numerator(indicator: Indicator, content: ObservationContent) -> Iterator[Breach]:
    if indicator.aggregation == Aggregation.YES_SHARE:
        if content.numerator not in (0, 1):
            yield Breach(
                "numerator", "out_of_range", f"numerator ({content.numerator:f}) of a practice is 1 (yes) or 0 (no)."
            )
    elif content.numerator < 0 and indicator.aggregation != Aggregation.SUM:
        yield Breach(
            "numerator", "out_of_range", f"numerator ({content.numerator:f}) of {indicator.code} is less than 0."
        )


def of_the_denominator(indicator: Indicator, content: ObservationContent) -> Iterator[Breach]:
    alone = indicator.code in WITHOUT_DENOMINATOR or indicator.aggregation in ALONE
    if content.denominator is not None and alone:
        yield Breach(
            "denominator",
            "not_taken",
            f"denominator ({content.denominator:f}) is not taken: {indicator.code} has none.",
        )
