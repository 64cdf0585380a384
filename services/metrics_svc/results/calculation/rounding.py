"""How exact figures are written. Nothing computes with what comes out of here."""

from fractions import Fraction

PLACES = 12


def whole(figure: Fraction) -> int:
    """To an integer, half away from zero; for a share, which is never negative, that is half up."""
    size = (2 * abs(figure.numerator) + figure.denominator) // (2 * figure.denominator)
    return size if figure >= 0 else -size


def per_cent(fraction: Fraction | None) -> int | None:
    return None if fraction is None else whole(100 * fraction)


def whole_money(amount: Fraction | None) -> str | None:
    """Whole units of a currency with two digits, as money is written."""
    return None if amount is None else f"{whole(amount)}.00"


def fraction_text(fraction: Fraction | None) -> str | None:
    """In lowest terms, always with its denominator: `5/6`, `1/1`, `0/1`."""
    return None if fraction is None else f"{fraction.numerator}/{fraction.denominator}"


def mean_text(mean: Fraction | None) -> str | None:
    return None if mean is None else in_places(mean)


def decimal_text(figure: Fraction) -> str:
    """A sum of decimals in plain notation, without zeros that say nothing."""
    return in_places(figure).rstrip("0").rstrip(".")


def in_places(figure: Fraction) -> str:
    """With 12 places, half away from zero."""
    scaled = whole(figure * 10**PLACES)
    above, below = divmod(abs(scaled), 10**PLACES)
    return f"{'-' if scaled < 0 else ''}{above}.{below:0{PLACES}}"
