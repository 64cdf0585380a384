"""How an amount is parted by percentages: exactly, in whole units of its currency, so that the parts add up to it."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Context, Decimal

EXACT = Context(prec=60)
HUNDRED = Decimal(100)


def parts_of(amount: Decimal, percents: Sequence[Decimal], digits: int) -> list[Decimal]:
    """By largest remainder: each part is rounded down to `digits` after the point, then what is left goes, a unit each, to those
    that lost most by it; of equals to the first. `percents` add up to 100.
    """
    unit = Decimal(1).scaleb(-digits)
    exact = [EXACT.divide(EXACT.multiply(amount, percent), HUNDRED) for percent in percents]
    parts = [part.quantize(unit, ROUND_DOWN, context=EXACT) for part in exact]
    left = int(EXACT.divide(EXACT.subtract(amount, sum(parts)), unit))
    losses = sorted(range(len(parts)), key=lambda index: EXACT.subtract(parts[index], exact[index]))
    for index in losses[:left]:
        parts[index] += unit
    return parts
