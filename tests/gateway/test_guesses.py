import pytest

from services.gateway.oauth.errors import Busy
from services.gateway.oauth.guesses import A_MINUTE, MAX_REMEMBERED, Guesses


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_wrong_secrets_are_counted_by_client_and_forgotten_after_a_minute() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    for _ in range(A_MINUTE):
        guesses.begin("a")
    with pytest.raises(Busy) as refused:
        guesses.begin("a")
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "60")
    guesses.begin("b")
    assert guesses.standing("b").left == A_MINUTE - 1
    clock.now = 60.0
    guesses.begin("a")


def test_right_ones_do_not_count() -> None:
    guesses = Guesses(Clock())
    for _ in range(3 * A_MINUTE):
        guesses.begin("a")
        guesses.forgive("a")
    assert guesses.standing("a").left == A_MINUTE


def test_a_thousand_at_once_are_not_a_thousand_tries() -> None:
    """Each counts before it is checked, not after."""
    guesses = Guesses(Clock())
    begun = 0
    for _ in range(1_000):
        try:
            guesses.begin("a")
            begun += 1
        except Busy:
            pass
    assert begun == A_MINUTE


def test_names_that_nobody_has_do_not_fill_the_memory() -> None:
    guesses = Guesses(Clock())
    for number in range(MAX_REMEMBERED + 100):
        guesses.begin(f"made-up-{number}")
    assert len(guesses._tries) == MAX_REMEMBERED
