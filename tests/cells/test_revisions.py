"""What may be told next to what was told: the rule by itself."""

from collections.abc import Iterable
from fractions import Fraction
from uuid import UUID

from services.metrics_svc.publication.contributions import digest_of, read, written
from services.metrics_svc.publication.revisions import Rule, isolating
from services.metrics_svc.results.calculation.outcomes import Movement, Outcome, Practice

FIVE = Rule(5)
IDS = [UUID(int=n) for n in range(1, 30)]
ALL = {"", "#mean", "#gained", "#lost", "#gain"}


def of(ids: Iterable[UUID], outcome: Outcome) -> dict[UUID, Outcome]:
    return dict.fromkeys(ids, outcome)


def saved(amount: int) -> Outcome:
    return Outcome(amount > 0, Fraction(amount))


def test_nobody_or_enough_may_come_go_and_change() -> None:
    ten = of(IDS[:10], saved(100))
    assert not isolating({"": ten}, {"": dict(ten)}, ALL, FIVE)
    assert "" in isolating({"": ten}, {"": ten | of(IDS[10:14], saved(100))}, ALL, FIVE)
    assert not isolating({"": ten}, {"": ten | of(IDS[10:15], saved(100))}, ALL, FIVE)
    assert "" in isolating({"": ten}, {"": of(IDS[1:10], saved(100))}, ALL, FIVE)
    assert "" in isolating({"": ten}, {"": ten | of(IDS[:1], saved(101))}, ALL, FIVE)
    two_left_three_came = of(IDS[2:13], saved(100))
    assert not isolating({"": ten}, {"": two_left_three_came}, ALL, FIVE)


def test_what_moves_a_mean_is_not_one() -> None:
    ten = of(IDS[:10], saved(100))
    late = of(IDS[10:15], saved(10)) | of(IDS[15:16], saved(900))
    assert isolating({"": ten}, {"": ten | late}, ALL, FIVE) == {"#mean"}
    assert not isolating({"": ten}, {"": ten | late}, {""}, FIVE)  # no mean was told


def test_who_agrees_may_be_told_of() -> None:
    ten = of(IDS[:10], saved(100))
    more = {"": ten | of(IDS[10:12], saved(5_000))}
    assert not isolating({"": ten}, more, ALL, Rule(5, frozenset(IDS[10:12])))
    assert isolating({"": ten}, more, ALL, Rule(5, frozenset(IDS[10:11])))


def test_of_a_gain_the_rest_of_the_changed_is_enough_too() -> None:
    no, yes = Practice(False, before=False), Practice(True, before=False)
    was_yes = Practice(True, before=True)
    ten = of(IDS[:10], no)
    five_of_six = ten | of(IDS[10:15], yes) | of(IDS[15:16], was_yes)
    assert isolating({"": ten}, {"": five_of_six}, ALL, FIVE) == {"#gain"}


def test_of_a_recurrence_the_rest_of_all_savings_is_enough_too() -> None:
    ten = of(IDS[:10], saved(100))
    before = {"": ten | of(IDS[20:26], saved(50)), "one_off": ten, "annual": of(IDS[20:26], saved(50))}
    five, one = of(IDS[10:15], saved(100)), of(IDS[26:27], saved(50))
    now = {"": before[""] | five | one, "one_off": ten | five, "annual": before["annual"] | one}
    assert isolating(before, now, {"", "/one_off", "/annual"}, FIVE) == {"/one_off", "/annual"}


def test_of_two_cells_that_hold_each_other_in_part_the_difference_is_one_of_strangers() -> None:
    some, others = {"": of(IDS[:7], saved(1))}, {"": of(IDS[1:8], saved(1))}
    assert isolating(some, others, ALL, FIVE)
    assert not isolating(some, others, ALL, FIVE, are_apart=True)
    assert isolating(some, {"": of(IDS[:8], saved(1))}, ALL, FIVE, are_apart=True)


def test_what_was_told_is_kept_exactly() -> None:
    said = {
        "": of(IDS[:2], Outcome(True, Fraction(1, 3))),
        "annual": of(IDS[2:3], Movement(False, None, Fraction(2), Fraction(-1, 7))),
        "one_off": of(IDS[3:5], Practice(True, None, None)),
    }
    again = read(written(said))
    assert again == said
    assert digest_of(written(again)) == digest_of(written(said))
