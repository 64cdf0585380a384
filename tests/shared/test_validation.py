"""pydantic's own sentences may repeat what was sent: only those known not to are told, all others become one of ours."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.pagination import any_of
from shared.types import Code, Country, Id, Isic, IsicPrefix, Language
from shared.validation import CHOICE_TYPES, CODES, LENGTH_TYPES, PYDANTIC_TYPES, RANGE_TYPES, sentence_of

UNKNOWN = sorted(PYDANTIC_TYPES - CODES.keys() - LENGTH_TYPES.keys() - RANGE_TYPES - CHOICE_TYPES)


@pytest.mark.parametrize("kind", UNKNOWN)
def test_a_sentence_of_pydantic_s_is_not_passed_on(kind: str) -> None:
    finding = {
        "type": kind,
        "loc": ("body", "x"),
        "msg": "Input tag 'canary' found",
        "input": "canary",
        "ctx": {"tag": "canary"},
    }
    code, detail = sentence_of(finding)
    assert (code, detail) == ("wrong_value", "This value is not allowed here.")


def test_a_sentence_of_ours_is_passed_on() -> None:
    finding = {"type": "malformed_date", "loc": ("body", "x"), "msg": "There is no such day."}
    assert sentence_of(finding) == ("malformed_date", "There is no such day.")


@pytest.mark.parametrize(
    ("kind", "sent", "words"),
    [
        (Isic, "14", "An activity is an ISIC Rev.4 class of four digits, for instance 1430."),
        (IsicPrefix, "14305", "The first one to four digits of an ISIC Rev.4 class, for instance 14."),
        (Language, "Chinese", "A language is a BCP 47 tag, for instance zh or zh-Hant."),
        (Code, "M 1", "A code has up to 50 letters, digits, points, dashes and underscores, for instance M1."),
        (
            any_of(Id),
            "7",
            "A value of this filter does not have the right form. An id is a lower-case UUID with dashes.",
        ),
        (
            any_of(Country),
            "GH,cn",
            "A value of this filter does not have the right form. A country is an ISO 3166-1 alpha-2 code, for instance GH.",
        ),
    ],
)
def test_what_does_not_fit_is_told_how_it_is_written(kind: Any, sent: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(sent)
    [finding] = refused.value.errors()
    assert sentence_of(finding)[1] == words
