"""Repeatable chance: uneven amounts that add up to a given whole."""

from random import Random


def dice(topic: str) -> Random:
    """A source of chance of its own for each topic, so that a change in one moves no other."""
    return Random(f"score-demo:{topic}")


def partition(total: int, parts: int, low: int, high: int, random: Random) -> list[int]:
    """`parts` whole numbers between `low` and `high` that add up to `total`; raises ValueError when none do."""
    if not parts * low <= total <= parts * high:
        raise ValueError(f"{parts} numbers between {low} and {high} can't add up to {total}")
    drawn = [random.randint(low, high) for _ in range(parts)]
    while (missing := total - sum(drawn)) != 0:
        step = 1 if missing > 0 else -1
        movable = [n for n, value in enumerate(drawn) if low <= value + step <= high]
        drawn[random.choice(movable)] += step
    return drawn


def spread(total: int, weights: list[int], random: Random) -> list[int]:
    """`total` over parts about as large as `weights`, each up to 12 % off its due; adds up exactly."""
    uneven = [weight * random.randint(88, 112) for weight in weights]
    parts = [total * weight // sum(uneven) for weight in uneven]
    parts[-1] += total - sum(parts)
    return parts
