import pytest
from pydantic_core import PydanticCustomError

from services.enterprise_svc.enterprises.identifiers import CROCKFORD, Scheme, canonical


def os_id_with_check(stem: str) -> str:
    total = ord(stem[0]) + ord(stem[1]) + sum(CROCKFORD.index(char) for char in stem[2:])
    return stem + CROCKFORD[total % 32]


@pytest.mark.parametrize(
    ("scheme", "value", "plain"),
    [
        ("gln", "9436465792104", "9436465792104"),
        ("gln", "9436 4657 92104", "9436465792104"),
        ("lei", "969500KSV493XWY0PS33", "969500KSV493XWY0PS33"),
        ("lei", "969500ksv493xwy0ps33", "969500KSV493XWY0PS33"),
        ("os_id", "IN2019067X1K87G", "IN2019067X1K87G"),
        ("amfori_id", "156-001234-000", "156-001234-000"),
        ("dbid", "123456", "123456"),
        ("uscc", "91990000DEMA00001L", "91990000DEMA00001L"),
        ("national", "CN:DEMO00000001", "CN:DEMO00000001"),
        ("national", "CO:213.123.432-1", "CO:2131234321"),  # a tax number, in its plain form
        ("national", "CO:MERCANTIL 77-1", "CO:MERCANTIL 77-1"),  # another number, as it is written
        ("national", "PE:20512333797", "PE:20512333797"),
        ("national", "VN:0100233488", "VN:0100233488"),
        ("national", "MM:DEMO 1", "MM:DEMO 1"),
    ],
)
def test_a_right_number_is_taken_in_its_plain_form(scheme: str, value: str, plain: str) -> None:
    assert canonical(Scheme(scheme), value) == plain


@pytest.mark.parametrize(
    ("scheme", "value", "code"),
    [
        ("gln", "9436465792105", "wrong_check_digit"),
        ("gln", "73513537", "wrong_format"),  # an EAN of eight digits is right, but no GLN
        ("gln", "94364657921O4", "wrong_format"),
        ("lei", "969500KSV493XWY0PS34", "wrong_check_digit"),
        ("lei", "969500KSV493XWY0PS3", "wrong_check_digit"),
        ("os_id", "IN2019067X1K87E", "wrong_check_digit"),
        ("os_id", "IN2019067X1K87", "wrong_format"),
        ("os_id", "IN2019067U1K87E", "wrong_format"),  # U is no digit of Crockford's base 32
        ("amfori_id", "CHN-001234-000", "wrong_format"),
        ("dbid", "12a", "wrong_format"),
        ("uscc", "91990000DEMA00001M", "wrong_check_digit"),
        ("national", "DEMO1", "wrong_format"),
        ("national", "XX:DEMO1", "wrong_format"),
        ("national", "GH:", "wrong_format"),
        ("national", "CO:213.123.432-2", "wrong_check_digit"),
        ("national", "PE:20512333798", "wrong_check_digit"),
        ("national", "VN:0100233480", "wrong_check_digit"),
    ],
)
def test_a_wrong_number_is_refused_without_being_repeated(scheme: str, value: str, code: str) -> None:
    with pytest.raises(PydanticCustomError) as refusal:
        canonical(Scheme(scheme), value)
    assert refusal.value.type == code
    assert value not in refusal.value.message()


def test_every_os_id_with_its_check_character_is_taken_and_none_with_another() -> None:
    right = os_id_with_check("CN2020123ABCDE")
    assert canonical(Scheme.OS_ID, right) == right
    for other in set(CROCKFORD) - {right[-1]}:
        with pytest.raises(PydanticCustomError):
            canonical(Scheme.OS_ID, right[:-1] + other)
