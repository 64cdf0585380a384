"""What a survey demands of answers; for one request as for a row of a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.metrics_svc.surveys.models import Scale, Survey


@dataclass(frozen=True)
class Breach:
    """`item` is the code that was answered wrongly."""

    item: str
    code: str
    detail: str


def filled(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Without the blanks."""
    return {code: answer for code, answer in answers.items() if answer is not None}


def breaches(survey: Survey, category: str, answers: Mapping[str, Any]) -> Iterator[Breach]:
    asked, known = survey.items_about(category), {item["code"] for item in survey.items}
    for code, answer in filled(answers).items():
        if code not in known:
            yield Breach(code, "unknown_item", "The survey has no such item.")
        elif code not in asked:
            yield Breach(code, "not_asked", f"The item {code} is not about a {category}.")
        elif not fits(asked[code], answer):
            yield Breach(code, "wrong_answer", TAKEN[Scale(asked[code])])


TAKEN = {Scale.YES_NO: "The answer is true or false.", Scale.FIVE_POINT: "The answer is a whole number from 1 to 5."}


def fits(scale: str, answer: Any) -> bool:
    if scale == Scale.YES_NO:
        return isinstance(answer, bool)
    return type(answer) is int and 1 <= answer <= 5
