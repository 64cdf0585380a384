"""pydantic's own sentences may repeat what was sent: only those known not to are told, all others become one of ours."""

import pytest

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
