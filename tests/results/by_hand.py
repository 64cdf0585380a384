"""A small results set whose every figure was worked out on paper: raw rows as they are reported, and the table they make.

Everybody came on 5 and 6 March 2012 but Iota, who was never trained. The day is 31 December 2012.
"""

from fractions import Fraction
from typing import Any

Raw = dict[str, Any]
AS_OF = "2012-12-31"
TRAINED = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa")
ENTERPRISES = (*TRAINED, "iota")


def told(who: str, indicator: str, point: str, period: str, *figures: Any, **more: Any) -> Raw:
    """`figures`: numerator and, unless it is left out, denominator."""
    above, below = (*figures, None)[:2]
    row = {"enterprise": who, "indicator": indicator, "point": point, "period": period, "state": "approved"}
    return row | {"numerator": str(above), "denominator": None if below is None else str(below)} | more


def defects(who: str, point: str, period: str, *figures: Any, **more: Any) -> Raw:
    return told(who, "KPI02", point, period, *figures, **({"unit": "units"} | more))


def energy(who: str, point: str, period: str, *figures: Any, **more: Any) -> Raw:
    return told(who, "KPI04", point, period, *figures, **({"unit": "kWh", "production_unit": "pair"} | more))


def cost(who: str, point: str, period: str, *figures: Any, unit: str) -> Raw:
    return told(who, "KPI10", point, period, *figures, unit=unit, production_unit="pair")


def jobs(who: str, point: str, period: str, change: int) -> Raw:
    return told(who, "JOB01P", point, period, change, unit="persons")


def five_s(who: str, point: str, period: str, answer: int) -> Raw:
    return told(who, "PRA02", point, period, answer, unit="yes_no")


OBSERVATIONS: list[Raw] = [
    # alpha: from 5 % to 4 %
    defects("alpha", "baseline", "2012-02", 50, 1000),
    defects("alpha", "final", "2012-09", 40, 1000),
    # beta: from nothing to something: reports, did not improve, enters no mean
    defects("beta", "baseline", "2012-02", 0, 1000),
    defects("beta", "final", "2012-09", 5, 1000),
    # gamma: worsened by half
    defects("gamma", "baseline", "2012-01", 30, 1000),
    defects("gamma", "final", "2012-09", 45, 1000),
    # delta: no follow-up; what it said after the day does not count
    defects("delta", "baseline", "2012-02", 50, 1000),
    defects("delta", "final", "2013-01", 1, 1000),
    # epsilon: the follow-up is a draft, and another was never approved
    defects("epsilon", "baseline", "2012-02", 50, 1000),
    defects("epsilon", "final", "2012-09", 10, 1000, state="draft"),
    defects("epsilon", "final", "2012-10", 10, 1000, state="submitted"),
    # zeta: by the ratio of sums worse (20/1100 to 31/1100), by the mean of ratios it would be better (0.055 to 0.02);
    # November is too long before, March is in no window
    defects("zeta", "monthly", "2011-11", 900, 1000),
    defects("zeta", "monthly", "2011-12", 10, 100),
    defects("zeta", "monthly", "2012-02", 10, 1000),
    defects("zeta", "monthly", "2012-03", 900, 1000),
    defects("zeta", "monthly", "2012-04", 900, 1000),
    defects("zeta", "monthly", "2012-05", 1, 100),
    defects("zeta", "monthly", "2012-08", 20, 500),
    defects("zeta", "monthly", "2012-12", 10, 500),
    # eta: some months with a denominator and some without
    defects("eta", "monthly", "2012-01", 10, 100),
    defects("eta", "monthly", "2012-02", "0.1"),
    defects("eta", "final", "2012-09", 1, 100),
    # theta: told as ratios before, with denominators after: from 5 % to 3 %
    defects("theta", "baseline", "2012-02", "0.05"),
    defects("theta", "final", "2012-09", 30, 1000),
    # iota: was not trained
    defects("iota", "baseline", "2012-02", 50, 1000),
    defects("iota", "final", "2012-09", 1, 1000),
    # alpha: from 1 MWh to 900 kWh per hundred pairs, spelt in three ways
    energy("alpha", "baseline", "2012-02", 1, 100, unit="MWh"),
    energy("alpha", "final", "2012-09", 400, 50, production_unit=" Pair"),
    energy("alpha", "final", "2012-10", 500, 50, production_unit="PAIR "),
    # beta: pairs before, dozens after
    energy("beta", "baseline", "2012-02", 1000, 100),
    energy("beta", "final", "2012-09", 100, 100, production_unit="dozen"),
    # gamma: 3,600 MJ are 1 MWh: nothing changed
    energy("gamma", "baseline", "2012-02", 3600, 100, unit="MJ"),
    energy("gamma", "final", "2012-09", 1, 100, unit="MWh"),
    # delta: another currency after
    cost("delta", "baseline", "2012-02", 700, 100, unit="CNY"),
    cost("delta", "final", "2012-09", 100, 100, unit="USD"),
    # alpha: a fifth cheaper
    cost("alpha", "baseline", "2012-02", 1000, 100, unit="CNY"),
    cost("alpha", "final", "2012-09", 1600, 200, unit="CNY"),
    # jobs: gained and lost apart; what was before the training or after the day does not count
    jobs("alpha", "final", "2012-09", 5),
    jobs("beta", "monthly", "2012-02", 100),
    jobs("beta", "monthly", "2012-04", -8),
    jobs("beta", "monthly", "2012-05", 2),
    jobs("beta", "monthly", "2012-06", -1),
    jobs("beta", "monthly", "2012-07", 3),
    jobs("gamma", "final", "2013-01", 50),
    # a practice: gained, kept, still missing, and one not asked before
    five_s("alpha", "baseline", "2012-02", 0),
    five_s("alpha", "final", "2012-09", 1),
    five_s("beta", "baseline", "2012-02", 1),
    five_s("beta", "final", "2012-09", 1),
    five_s("gamma", "baseline", "2012-02", 0),
    five_s("gamma", "final", "2012-09", 0),
    five_s("delta", "final", "2012-09", 1),
]


def saved(
    who: str, month: str, amount: str, currency: str, recurrence: str = "one_off", state: str = "approved"
) -> Raw:
    return {"enterprise": who, "month": month, "recurrence": recurrence, "state": state} | {
        "amount": {"amount": amount, "currency": currency}
    }


SAVINGS: list[Raw] = [
    # alpha: 100 and 100 USD, each at the rate of its month
    saved("alpha", "2012-04", "650.00", "CNY"),
    saved("alpha", "2012-05", "630.00", "CNY"),
    # beta: asked, none; no rate of that month is needed
    saved("beta", "2012-06", "0.00", "CNY"),
    saved("gamma", "2012-06", "301.00", "USD"),
    # delta: a draft, and one after the day in a currency without a rate
    saved("delta", "2012-06", "999.00", "USD", state="draft"),
    saved("delta", "2013-01", "999.00", "INR"),
    # epsilon: every year
    saved("epsilon", "2012-07", "1000.00", "USD", "annual"),
    # iota: was not trained, and its currency has no rate
    saved("iota", "2012-06", "999.00", "INR"),
]
RATES: list[Raw] = [
    {"currency": "CNY", "month": "2012-04", "per_usd": "6.5"},
    {"currency": "CNY", "month": "2012-05", "per_usd": "6.3"},
]

POPULATION = {"enterprises_trained": 9, "staff_trained": 18, "visits": 4, "enterprises_reporting": 7}


def row(reporters: int, improved: int, share: str | None, *means: Fraction | None, **more: Any) -> Raw:
    """`means`: over improvers, over reporters."""
    return {"reporters": reporters, "improved": improved, "share": share, "means": means} | more


# who reports defects: alpha -1/5, beta (from nothing), gamma +1/2, zeta +11/20, theta -2/5
TABLE: dict[tuple[str, str | None], Raw] = {
    ("JOB01P", None): row(2, 1, "1/2", None, None, sum={"positive": "10", "negative": "-9", "net": "1"}),
    ("KPI01", None): row(4, 3, "3/4", None, None),
    ("KPI01", "one_off"): row(3, 2, "2/3", Fraction(501, 2), Fraction(501, 3)),
    ("KPI01", "annual"): row(2, 1, "1/2", Fraction(1000), Fraction(500)),
    ("KPI02", None): row(5, 2, "2/5", Fraction(-3, 10), Fraction(9, 80)),
    ("KPI03", None): row(0, 0, None, None, None),
    ("KPI04", None): row(2, 1, "1/2", Fraction(-1, 10), Fraction(-1, 20)),
    ("KPI10", None): row(1, 1, "1/1", Fraction(-1, 5), Fraction(-1, 5)),
    ("PRA02", None): row(4, 3, "3/4", None, None, gain="1/2"),
}
