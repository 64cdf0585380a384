"""When the answers of people may be told of. They are anonymous, so that no consent of their enterprise speaks for them."""

DEFAULT_THRESHOLD = 5  # of a country whose policy has not been told yet


def may_be_told(answered: int, of_all: int, enough: int) -> bool:
    """Enough of them, and nobody or enough in the other category, which is all that is left of the total."""
    rest = of_all - answered
    return answered >= enough and (rest == 0 or rest >= enough)
