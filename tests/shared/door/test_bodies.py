"""What may be in a body, and what each wrong one is told. Nothing wrong is stored, nothing sent is repeated."""

import gzip
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.shared.door.conftest import assert_problem, make, toy

JSON = {"Content-Type": "application/json"}
CANARY = "canary-7f3a"


def body(**raw: str) -> bytes:
    """A toy whose fields are given as JSON text, as it stands."""
    texts = {name: json.dumps(value) for name, value in toy().items()} | raw
    return ("{" + ", ".join(f'"{name}": {text}' for name, text in texts.items()) + "}").encode()


async def post(toys: httpx.AsyncClient, content: bytes, **headers: str) -> httpx.Response:
    return await toys.post("/v1/toys", content=content, headers=JSON | headers)


UNREADABLE = {
    "empty": (b"", "malformed-json"),
    "blank": (b"  \n", "malformed-json"),
    "no UTF-8": (b"\xff\xfe", "malformed-json"),
    "no UTF-8 in a text": (b'{"name": "\xff"}', "malformed-json"),
    "Latin-1": ('{"name": "é"}'.encode("latin-1"), "malformed-json"),
    "UTF-16": (json.dumps(toy()).encode("utf-16"), "malformed-json"),
    "a byte order mark": (b"\xef\xbb\xbf" + body(), "malformed-json"),
    "cut short": (body()[:-3], "malformed-json"),
    "two values": (body() + body(), "malformed-json"),
    "single quotes": (b"{'name': 'x'}", "malformed-json"),
    "a trailing comma": (body()[:-1] + b",}", "malformed-json"),
    "a comment": (b"/* x */" + body(), "malformed-json"),
    "a raw control character": (body(name='"a\nb"'), "malformed-json"),
    "NaN": (body(weight="NaN"), "malformed-json"),
    "Infinity": (body(weight="Infinity"), "malformed-json"),
    "-Infinity": (body(weight="-Infinity"), "malformed-json"),
    "a leading zero": (body(pieces="01"), "malformed-json"),
    "a plus": (body(pieces="+1"), "malformed-json"),
    "a member twice": (body()[:-1] + b', "name": "b"}', "malformed-json"),
    "a member twice, deep inside": (body(notes='{"a": {"b": 1, "b": 2}}'), "malformed-json"),
    "nested 65 deep": (body(notes="[" * 64 + "]" * 64), "too-deep"),
    "nested 2,000 deep": (b"[" * 2_000 + b"]" * 2_000, "too-deep"),
    "nested 100,000 deep": (b"[" * 100_000, "too-deep"),
    "nested objects": (b'{"a":' * 100_000, "too-deep"),
}


@pytest.mark.parametrize("case", UNREADABLE)
async def test_what_is_not_json_is_unreadable(toys: httpx.AsyncClient, case: str) -> None:
    content, code = UNREADABLE[case]
    assert_problem(await post(toys, content), 400, code)


async def test_brackets_in_a_text_are_not_depth(toys: httpx.AsyncClient) -> None:
    made = await make(toys, name="[" * 100 + '"\\' + "{" * 100)
    assert made["name"] == "[" * 100 + '"\\' + "{" * 100


async def test_sixty_four_deep_is_taken(toys: httpx.AsyncClient) -> None:
    notes: Any = {}
    for _ in range(62):
        notes = {"in": notes}
    assert (await make(toys, notes=notes))["notes"] == notes


@pytest.mark.parametrize("content", [b"[]", b"null", b'"x"', b"1", b"true", b"[{}]"])
async def test_what_is_no_object_is_refused(toys: httpx.AsyncClient, content: bytes) -> None:
    assert_problem(await post(toys, content), 422, "validation-failed", pointer="", error="wrong_type")


# field, the value as JSON text, pointer (None: the field), code
REFUSED: dict[str, tuple[str, str, str | None, str]] = {
    "NUL": ("name", r'"a\u0000b"', None, "nul_character"),
    "NUL deep in a free object": ("notes", r'{"a": [{"b": "\u0000"}]}', "/notes/a/0/b", "nul_character"),
    "NUL in a name of a free object": ("notes", r'{"a": {"b\u0000": 1}}', "/notes/a", "nul_character"),
    "half a surrogate pair": ("name", r'"\ud800"', None, "invalid_unicode"),
    "the other half": ("name", r'"a\udc00"', None, "invalid_unicode"),
    "half a pair in a free object": ("notes", r'{"a": "\ud83d"}', "/notes/a", "invalid_unicode"),
    "half a pair in a name": ("notes", r'{"\ud83d": 1}', "/notes", "invalid_unicode"),
    "half a pair in a choice": ("kind", r'"\ud800"', None, "invalid_unicode"),
    "a control character": ("name", r'"a\u001bb"', None, "control_character"),
    "a text too long": ("name", json.dumps("x" * 501), None, "too_long"),
    "an empty text": ("name", '""', None, "too_short"),
    "a blank text": ("name", '" \\t "', None, "too_short"),
    "a number for a text": ("name", "1", None, "wrong_type"),
    "a decimal for a text": ("name", "1e1000000", None, "wrong_type"),
    "null for a text": ("name", "null", None, "wrong_type"),
    "a list for a text": ("name", '["x"]', None, "wrong_type"),
    "an unknown choice": ("kind", f'"{CANARY}"', None, "not_one_of"),
    "a choice in capitals": ("kind", '"WOODEN"', None, "not_one_of"),
    "null for a choice": ("kind", "null", None, "not_one_of"),
    "a country in small letters": ("country", '"gh"', None, "unknown_country"),
    "a country that is none": ("country", '"XX"', None, "unknown_country"),
    "a count as a truth": ("pieces", "true", None, "wrong_type"),
    "a count with a point": ("pieces", "1.0", None, "wrong_type"),
    "a count with an exponent": ("pieces", "1e3", None, "wrong_type"),
    "a count as a text": ("pieces", '"1"', None, "wrong_type"),
    "a count below 0": ("pieces", "-1", None, "out_of_range"),
    "a count of 2^31": ("pieces", "2147483648", None, "out_of_range"),
    "a count of 2^63": ("pieces", "9223372036854775808", None, "out_of_range"),
    "a count of 300 digits": ("pieces", "9" * 300, None, "out_of_range"),
    "a truth as a number": ("fragile", "1", None, "wrong_type"),
    "a truth as a text": ("fragile", '"true"', None, "wrong_type"),
    "a text NaN": ("weight", '"NaN"', None, "malformed_decimal"),
    "a text Infinity": ("weight", '"Infinity"', None, "malformed_decimal"),
    "a text with an exponent": ("weight", '"1e3"', None, "malformed_decimal"),
    "a text with a comma": ("weight", '"1,5"', None, "malformed_decimal"),
    "a text with a space": ("weight", '" 1"', None, "malformed_decimal"),
    "a text with a line end": ("weight", '"1\\n"', None, "malformed_decimal"),
    "a text with an underscore": ("weight", '"1_000"', None, "malformed_decimal"),
    "a text with a leading zero": ("weight", '"01"', None, "malformed_decimal"),
    "a text with a plus": ("weight", '"+1"', None, "malformed_decimal"),
    "a text with a bare point": ("weight", '"1."', None, "malformed_decimal"),
    "other digits": ("weight", '"١٢"', None, "malformed_decimal"),
    "an empty decimal": ("weight", '""', None, "malformed_decimal"),
    "a decimal that is a truth": ("weight", "true", None, "malformed_decimal"),
    "a decimal that is a list": ("weight", "[1]", None, "malformed_decimal"),
    "a huge exponent": ("weight", "1e1000000", None, "out_of_range"),
    "a hugely negative exponent": ("weight", "1e-1000000", None, "too_many_digits"),
    "a number of 17 digits": ("weight", "0.12345678901234567", None, "too_many_digits"),
    "a number of 19 digits before the point": ("weight", '"1000000000000000000"', None, "out_of_range"),
    "13 digits after the point": ("weight", '"0.1234567890123"', None, "too_many_digits"),
    "money with 17 digits": (
        "price",
        '{"amount": 123456789012345.67, "currency": "USD"}',
        "/price/amount",
        "too_many_digits",
    ),
    "money with more digits than its currency": (
        "price",
        '{"amount": "1.005", "currency": "USD"}',
        "/price/amount",
        "too_many_digits",
    ),
    "yen with digits": ("price", '{"amount": "1.5", "currency": "JPY"}', "/price/amount", "too_many_digits"),
    "money without a currency": ("price", '{"amount": "1"}', "/price/currency", "missing"),
    "money in no currency": ("price", '{"amount": "1", "currency": "XYZ"}', "/price/currency", "unknown_currency"),
    "money that is a number": ("price", "1", None, "wrong_type"),
    "an instant beyond the last": ("made_at", '"9999-12-31T23:59:59-12:00"', None, "malformed_instant"),
    "an instant before the first": ("made_at", '"0001-01-01T00:00:00+12:00"', None, "malformed_instant"),
    "a leap second": ("made_at", '"2016-12-31T23:59:60Z"', None, "malformed_instant"),
    "an instant of the year 0000": ("made_at", '"0000-01-01T00:00:00Z"', None, "malformed_instant"),
    "an instant without an offset": ("made_at", '"2012-03-31T08:00:00"', None, "malformed_instant"),
    "an instant with a space": ("made_at", '"2012-03-31 08:00:00Z"', None, "malformed_instant"),
    "an instant as a number": ("made_at", "1333180800", None, "malformed_instant"),
    "an instant of 24:00": ("made_at", '"2012-03-31T24:00:00Z"', None, "malformed_instant"),
    "an offset of 25 hours": ("made_at", '"2012-03-31T08:00:00+25:00"', None, "malformed_instant"),
    "an instant with 7 digits": ("made_at", '"2012-03-31T08:00:00.1234567Z"', None, "malformed_instant"),
    "30 February": ("made_on", '"2023-02-30"', None, "malformed_date"),
    "the year 0000": ("made_on", '"0000-01-01"', None, "malformed_date"),
    "a date in another order": ("made_on", '"31.03.2012"', None, "malformed_date"),
    "a date without dashes": ("made_on", '"20120331"', None, "malformed_date"),
    "a week": ("made_on", '"2012-W13-6"', None, "malformed_date"),
    "a date as a number": ("made_on", "20120331", None, "malformed_date"),
    "a date with a time": ("made_on", '"2012-03-31T00:00:00Z"', None, "malformed_date"),
    "month 13": ("season", '"2012-13"', None, "malformed_month"),
    "month of the year 0000": ("season", '"0000-01"', None, "malformed_month"),
    "a month with a day": ("season", '"2012-03-01"', None, "malformed_month"),
    "an id that is a number": ("parent_id", "1", None, "malformed_id"),
    "an id in braces": ("parent_id", '"{018f0c5e-7f00-7000-8000-000000000000}"', None, "malformed_id"),
    "an id as a urn": ("parent_id", '"urn:uuid:018f0c5e-7f00-7000-8000-000000000000"', None, "malformed_id"),
    "an id without dashes": ("parent_id", '"018f0c5e7f0070008000000000000000"', None, "malformed_id"),
    "an id in capitals": ("parent_id", '"018F0C5E-7F00-7000-8000-000000000000"', None, "malformed_id"),
    "a list too long": ("tags", json.dumps(["x"] * 21), None, "too_long"),
    "a list of 100,001": ("tags", "[" + "1," * 100_000 + "1]", None, "too_long"),
    "an object for a list": ("tags", '{"0": "x"}', None, "wrong_type"),
    "a wrong item of a list": ("tags", '["x", 1]', "/tags/1", "wrong_type"),
    "a wrong field of an item": ("wheels", '[{"size": "1"}, {"size": "x"}]', "/wheels/1/size", "malformed_decimal"),
    "a missing field of an item": ("wheels", "[{}]", "/wheels/0/size", "missing"),
    "an unknown field of an item": ("wheels", '[{"size": "1", "spin": 1}]', "/wheels/0/spin", "extra_forbidden"),
    "a list for a free object": ("notes", "[]", None, "wrong_type"),
    "an unknown field": ("is_admin", "true", None, "extra_forbidden"),
    "an unknown field that is no name": (f"{CANARY} <b>", "1", "", "extra_forbidden"),
    "an unknown field too long": ("x" * 100, "1", "", "extra_forbidden"),
    "an id of one's own": ("id", '"018f0c5e-7f00-7000-8000-000000000000"', None, "read_only"),
    "a version": ("version", "7", None, "read_only"),
    "a time of making": ("created_at", '"2012-03-31T08:00:00Z"', None, "read_only"),
    "a time of change": ("updated_at", '"2012-03-31T08:00:00Z"', None, "read_only"),
    "a state": ("state", '"wound"', None, "read_only"),
    "a reference too long": ("external_ref", json.dumps("x" * 201), None, "too_long"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_wrong_value_is_refused_with_its_place(toys: httpx.AsyncClient, case: str) -> None:
    name, text, pointer, code = REFUSED[case]
    before = await count(toys)
    refused = await post(toys, body(**{name: text}))
    place = f"/{name}" if pointer is None else pointer
    assert_problem(refused, 422, "validation-failed", pointer=place, error=code)
    assert CANARY not in refused.text
    assert await count(toys) == before


async def count(toys: httpx.AsyncClient) -> int:
    return int((await toys.get("/v1/toys?limit=1&count=exact")).json()["total"])


async def test_every_wrong_field_is_named(toys: httpx.AsyncClient) -> None:
    refused = await post(toys, b'{"kind": 1, "pieces": "x", "wheels": [{"size": null}], "extra": 1}')
    document = assert_problem(refused, 422, "validation-failed")
    named = {place["pointer"] for place in document["errors"]}
    assert named == {"/name", "/kind", "/country", "/pieces", "/wheels/0/size", "/extra"}


async def test_an_unknown_reference_names_its_place(toys: httpx.AsyncClient) -> None:
    refused = await toys.post("/v1/toys", json=toy(parent_id="018f0c5e-7f00-7000-8000-000000000000"))
    assert_problem(refused, 422, "unknown-reference", pointer="/parent_id", error="unknown_reference")


async def test_a_number_too_long_to_mean_anything_is_refused(toys: httpx.AsyncClient) -> None:
    assert_problem(await post(toys, body(weight="9" * 500_000)), 422, "validation-failed")
    assert_problem(await post(toys, body(weight="0." + "9" * 500_000)), 422, "validation-failed")


async def test_a_body_of_more_than_a_mebibyte_is_too_large(toys: httpx.AsyncClient) -> None:
    assert_problem(await post(toys, body(name=json.dumps("x" * 20_000_000))), 413, "payload-too-large")

    async def unannounced() -> Any:
        for _ in range(40):
            yield b" " * 65_536

    refused = await toys.post("/v1/toys", content=unannounced(), headers=JSON)
    assert_problem(refused, 413, "payload-too-large")


@pytest.mark.parametrize(
    ("name", "told"),
    [('"  "', "This text needs 1 or more characters."), (f'"{"x" * 501}"', "A text may have at most 500 characters.")],
)
async def test_a_text_of_a_wrong_length_hears_the_bound(toys: httpx.AsyncClient, name: str, told: str) -> None:
    refused = await post(toys, body(name=name))
    assert [one["detail"] for one in refused.json()["errors"]] == [told]


async def test_a_wrong_truth_hears_how_files_write_it(toys: httpx.AsyncClient) -> None:
    refused = await post(toys, body(fragile='"maybe"'))
    assert [one["detail"] for one in refused.json()["errors"]] == [
        "This must be true or false; in a CSV file, yes or no."
    ]


# --- what is taken, exactly ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("0.1", "0.1"),
        ("0.10000000000000001e0", None),
        ("0.100000000001", "0.100000000001"),
        ("123456789012345", "123456789012345"),
        ("1e3", "1000"),
        ('"999999999999999999.123456789012"', "999999999999999999.123456789012"),
        ('"-0.000000000001"', "-0.000000000001"),
        ("0", "0"),
        ('"0"', "0"),
        ('"-5.50"', "-5.50"),
    ],
)
async def test_numbers_are_exact(toys: httpx.AsyncClient, sent: str, answered: str | None) -> None:
    answer = await post(toys, body(weight=sent))
    if answered is None:
        assert_problem(answer, 422, "validation-failed", pointer="/weight", error="too_many_digits")
        return
    assert answer.status_code == 201
    again = (await toys.get(answer.headers["location"])).json()
    assert isinstance(again["weight"], str)
    assert same_number(answer.json()["weight"], answered)
    assert same_number(again["weight"], answered)
    assert "E" not in again["weight"]


def same_number(one: str, other: str) -> bool:

    return Decimal(one) == Decimal(other)


@pytest.mark.parametrize(
    ("sent", "currency", "answered"),
    [("0.1", "USD", "0.10"), ('"80000"', "CHF", "80000.00"), ('"1.234"', "KWD", "1.234"), ("5", "JPY", "5")],
)
async def test_money_is_answered_with_the_digits_of_its_currency(
    toys: httpx.AsyncClient, sent: str, currency: str, answered: str
) -> None:
    price = f'{{"amount": {sent}, "currency": "{currency}"}}'
    answer = await post(toys, body(price=price))
    assert answer.json()["price"] == {"amount": answered, "currency": currency}
    assert (await toys.get(answer.headers["location"])).json() == answer.json()


async def test_texts_are_trimmed_and_composed(toys: httpx.AsyncClient) -> None:
    made = await make(toys, name="  Schaukelpfe\u0301rd 木马 😀 ")
    assert made["name"] == "Schaukelpf\u00e9rd 木马 😀"


async def test_instants_are_answered_in_utc(toys: httpx.AsyncClient) -> None:
    made = await make(toys, made_at="2012-03-31t08:00:00.5+02:00")
    assert made["made_at"] == "2012-03-31T06:00:00.500000Z"


async def test_a_free_object_comes_back_as_it_was(toys: httpx.AsyncClient) -> None:
    notes = {"a": [None, True, {"b/c~": "é"}, " x "], "": {}}
    made = await make(toys, notes=notes)
    assert made["notes"] == notes
    assert (await toys.get(f"/v1/toys/{made['id']}")).json()["notes"] == notes


# --- media types -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/xml",
        "application/vnd.x+json",
        "application/merge-patch+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "json",
    ],
)
async def test_other_media_types_are_not_taken(toys: httpx.AsyncClient, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    refused = await toys.post("/v1/toys", content=body(), headers=headers)
    assert_problem(refused, 415, "unsupported-media-type")
    assert refused.headers["accept-post"] == "application/json"


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", 'application/json; charset="UTF-8"'])
async def test_json_by_any_name_is_taken(toys: httpx.AsyncClient, kind: str) -> None:
    answer = await toys.post("/v1/toys", content=body(), headers={"Content-Type": kind})
    assert answer.status_code == 201


async def test_a_patch_may_come_as_either_type(toys: httpx.AsyncClient) -> None:
    made = await make(toys)
    for version, kind in enumerate(("application/json", "application/merge-patch+json"), start=1):
        headers = {"Content-Type": kind, "If-Match": f'"{version}"'}
        change = f'{{"name": "Its name by patch {version}"}}'
        assert (await toys.patch(f"/v1/toys/{made['id']}", content=change, headers=headers)).status_code == 200
    headers = {"Content-Type": "application/json-patch+json", "If-Match": '"3"'}
    refused = await toys.patch(f"/v1/toys/{made['id']}", content=b"{}", headers=headers)
    assert_problem(refused, 415, "unsupported-media-type")
    assert refused.headers["accept-patch"] == "application/merge-patch+json, application/json"


async def test_a_verb_takes_no_body_but_an_empty_object(toys: httpx.AsyncClient) -> None:
    made = await make(toys)
    refused = await toys.post(f"/v1/toys/{made['id']}/wind", json={"force": 1})
    assert_problem(refused, 422, "validation-failed", error="extra_forbidden")
    assert (await toys.post(f"/v1/toys/{made['id']}/wind", json={})).status_code == 200


async def test_a_gzipped_body_is_taken_and_its_limit_holds_unpacked(toys: httpx.AsyncClient) -> None:

    packed = {"Content-Encoding": "gzip"}
    assert (await post(toys, gzip.compress(body()), **packed)).status_code == 201
    bomb = gzip.compress(body(name=json.dumps("x" * 20_000_000)))
    assert_problem(await post(toys, bomb, **packed), 413, "payload-too-large")
