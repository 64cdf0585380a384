"""ETag, If-Match, If-None-Match, merge patch: nobody overwrites what they have not seen."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.shared.door.conftest import assert_problem, make

MISSING = "/v1/toys/018f0c5e-7f00-7000-8000-000000000000"


async def patch(toys: httpx.AsyncClient, path: str, match: Any, **changes: Any) -> httpx.Response:
    headers = [] if match is None else [("If-Match", one) for one in ([match] if isinstance(match, str) else match)]
    return await toys.patch(path, json=changes, headers=headers)


async def test_the_etag_is_the_version(toys: httpx.AsyncClient) -> None:
    made = await toys.post("/v1/toys", json={"name": "a", "kind": "tin", "country": "GH"})
    assert made.headers["etag"] == '"1"'
    assert made.headers["location"] == f"/v1/toys/{made.json()['id']}"
    assert made.headers["cache-control"] == "private, no-cache"
    assert made.headers["vary"] == "Authorization, Accept"
    changed = await patch(toys, made.headers["location"], '"1"', name="b")
    assert (changed.status_code, changed.headers["etag"], changed.json()["version"]) == (200, '"2"', 2)
    assert changed.json()["updated_at"] > changed.json()["created_at"]
    got = await toys.get(made.headers["location"])
    assert (got.json(), got.headers["etag"]) == (changed.json(), '"2"')


@pytest.mark.parametrize(
    ("match", "status", "code"),
    [
        (None, 428, "precondition-required"),
        ('"2"', 412, "precondition-failed"),
        ('"0"', 412, "precondition-failed"),
        ('"01"', 412, "precondition-failed"),
        ('W/"1"', 412, "precondition-failed"),
        ('"2", "3"', 412, "precondition-failed"),
        ("1", 400, "malformed-header"),
        ("'1'", 400, "malformed-header"),
        ('"1', 400, "malformed-header"),
        ('"2", 1', 400, "malformed-header"),
        ('w/"1"', 400, "malformed-header"),
        ("", 400, "malformed-header"),
        ("*", 200, None),
        ('"1"', 200, None),
        ('"7" , "1"', 200, None),
        (['"7"', '"1"'], 200, None),
        ('"a,b", "1"', 200, None),
        (', "1",', 200, None),
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_change_wants_the_present_version(
    toys: httpx.AsyncClient, method: str, match: Any, status: int, code: str | None
) -> None:
    path = f"/v1/toys/{(await make(toys))['id']}"
    headers = [] if match is None else [("If-Match", one) for one in ([match] if isinstance(match, str) else match)]
    answer = await toys.request(method, path, headers=headers, json={"name": "b"} if method == "PATCH" else None)
    if code:
        assert_problem(answer, status, code)
        assert (await toys.get(path)).json()["version"] == 1
    else:
        assert answer.status_code == (status if method == "PATCH" else 204)


async def test_any_version_of_nothing_is_a_failed_condition(toys: httpx.AsyncClient) -> None:
    assert_problem(await patch(toys, MISSING, "*", name="b"), 412, "precondition-failed")
    assert_problem(await toys.delete(MISSING, headers={"If-Match": "*"}), 412, "precondition-failed")
    assert_problem(await toys.post(f"{MISSING}/wind", headers={"If-Match": "*"}), 412, "precondition-failed")
    assert_problem(await patch(toys, MISSING, '"1"', name="b"), 404, "not-found")


async def test_a_verb_honours_a_condition_if_there_is_one(toys: httpx.AsyncClient) -> None:
    path = f"/v1/toys/{(await make(toys))['id']}/wind"
    assert_problem(await toys.post(path, headers={"If-Match": '"2"'}), 412, "precondition-failed")
    assert_problem(await toys.post(path, headers={"If-Match": "2"}), 400, "malformed-header")
    wound = await toys.post(path, headers={"If-Match": '"1"'})
    assert (wound.status_code, wound.headers["etag"], wound.json()["state"]) == (200, '"2"', "wound")


async def test_a_verb_out_of_state_names_the_state_and_what_is_possible(toys: httpx.AsyncClient) -> None:
    made = await make(toys)
    assert made["allowed_actions"] == ["wind"]
    await toys.post(f"/v1/toys/{made['id']}/wind")
    refused = assert_problem(await toys.post(f"/v1/toys/{made['id']}/wind"), 409, "wrong-state")
    assert (refused["state"], refused["allowed_actions"]) == ("wound", ["release"])


async def test_of_twenty_changes_at_once_one_is_made(toys: httpx.AsyncClient) -> None:
    path = f"/v1/toys/{(await make(toys))['id']}"
    answers = await asyncio.gather(*(patch(toys, path, '"1"', name=f"n{n}") for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    [made] = [answer.json() for answer in answers if answer.status_code == 200]
    assert (await toys.get(path)).json() == made
    assert made["version"] == 2


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ('"1"', 304),
        ('W/"1"', 304),
        ("*", 304),
        ('"7", "1"', 304),
        (['"7"', '"1"'], 304),
        ('"2"', 200),
        ("1", 400),
        ('"1', 400),
    ],
)
async def test_what_is_known_is_not_sent_again(toys: httpx.AsyncClient, known: Any, status: int) -> None:
    path = f"/v1/toys/{(await make(toys))['id']}"
    headers = [("If-None-Match", one) for one in ([known] if isinstance(known, str) else known)]
    answer = await toys.get(path, headers=headers)
    assert answer.status_code == status
    if status == 304:
        assert answer.content == b""
        assert "content-length" not in answer.headers
        assert answer.headers["etag"] == '"1"'
        assert answer.headers["vary"] == "Authorization, Accept"
    assert (await toys.head(path, headers=headers)).status_code == status


async def test_a_malformed_condition_is_refused_on_lists_too(toys: httpx.AsyncClient) -> None:
    assert_problem(await toys.get("/v1/toys", headers={"If-None-Match": "1"}), 400, "malformed-header")


async def test_a_merge_patch_replaces_removes_and_is_checked_as_a_whole(toys: httpx.AsyncClient) -> None:
    made = await make(
        toys, made_on="2012-03-31", tags=["a", "b"], notes={"a": {"b": "1", "c": "2"}}, wheels=[{"size": "1"}]
    )
    path = f"/v1/toys/{made['id']}"
    changes = {"made_on": None, "tags": ["c"], "notes": {"a": {"b": None}, "d": "1"}, "weight": "2.5"}
    changed = (await patch(toys, path, '"1"', **changes)).json()
    assert changed["made_on"] is None
    assert changed["tags"] == ["c"]
    assert changed["notes"] == {"a": {"c": "2"}, "d": "1"}
    assert changed["weight"] == "2.5"
    assert changed["wheels"] == made["wheels"]

    for wrong, pointer, code in (
        ({"name": None}, "/name", "missing"),
        ({"name": ""}, "/name", "too_short"),
        ({"pieces": 1.5}, "/pieces", "wrong_type"),
        ({"is_admin": True}, "/is_admin", "extra_forbidden"),
        ({"version": 3}, "/version", "read_only"),
        ({"state": "wound"}, "/state", "read_only"),
        ({"price": {"amount": "1"}}, "/price/currency", "missing"),
        ({"tags": {"0": "x"}}, "/tags", "wrong_type"),
    ):
        refused = await patch(toys, path, '"2"', **wrong)
        assert_problem(refused, 422, "validation-failed", pointer=pointer, error=code)
    assert (await toys.get(path)).json() == changed


@pytest.mark.parametrize("content", [b"[]", b"null", b'"x"', b"1"])
async def test_a_merge_patch_is_an_object(toys: httpx.AsyncClient, content: bytes) -> None:
    path = f"/v1/toys/{(await make(toys))['id']}"
    headers = {"If-Match": '"1"', "Content-Type": "application/merge-patch+json"}
    assert_problem(await toys.patch(path, content=content, headers=headers), 422, "validation-failed")


async def test_a_patch_that_changes_nothing_is_no_version(toys: httpx.AsyncClient) -> None:
    made = await make(toys)
    path = f"/v1/toys/{made['id']}"
    for same in ({}, {"name": made["name"]}):
        answer = await patch(toys, path, '"1"', **same)
        assert (answer.status_code, answer.headers["ETag"], answer.json()) == (200, '"1"', made)
    assert (await patch(toys, path, '"2"')).status_code == 412


async def test_what_is_deleted_is_gone(toys: httpx.AsyncClient) -> None:
    path = f"/v1/toys/{(await make(toys))['id']}"
    gone = await toys.delete(path, headers={"If-Match": '"1"'})
    assert (gone.status_code, gone.content) == (204, b"")
    assert "consistency-token" in gone.headers
    assert_problem(await toys.get(path), 404, "not-found")
