"""The history gives back the whole enterprise as it was at any moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests import builders
from tests.conftest import Api, ClientOf
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]
A_MOMENT = timedelta(microseconds=1)


async def as_of(client: Api, id: str, moment: str) -> Any:
    return await client.get(f"/v1/enterprises/{id}/history", params={"as_of": moment})


def written(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


async def a_life(api: Api) -> list[Document]:
    """What GET answered after each change."""
    made = await api.make(
        "/v1/enterprises",
        builders.enterprise(
            external_ref=builders.unique(),
            identifiers=[{"scheme": "gln", "value": builders.gln()}],
            location={"latitude": "23.0207", "longitude": "113.7518"},
        ),
    )
    path = f"/v1/enterprises/{made['id']}"
    answers = [(await api.get(path)).json()]
    patches: list[Document] = [
        {"workforce": {"as_of": "2012-03-31", "total": 100, "women": 60}, "languages": ["zh", "en"]},
        {"identifiers": [{"scheme": "dbid", "value": "123456"}], "workforce": {"women": None}},
        {"address": {"city": "Foshan"}, "location": None, "trade_names": ["A", "B"], "external_ref": None},
        {"country": "VN", "workforce": None, "languages": []},
    ]
    for patch in patches:
        await api.patch(path, json=patch, headers={"If-Match": f'"{answers[-1]["version"]}"'})
        answers.append((await api.get(path)).json())
    verbs = [("assess", {"eligible": False, "reason": "Too large"}), ("assess", {"eligible": True}), ("enrol", None)]
    for verb, body in [*verbs, ("withdraw", {"reason": "It moved"})]:
        await api.do(path, verb, body)
        answers.append((await api.get(path)).json())
    return answers


async def test_at_every_instant_it_is_what_was_answered_then(api: Api) -> None:
    answers = await a_life(api)
    id, instants = answers[0]["id"], [datetime.fromisoformat(one["updated_at"]) for one in answers]
    assert [one["version"] for one in answers] == list(range(1, 10))
    for number, (answer, instant) in enumerate(zip(answers, instants, strict=True)):
        now = await as_of(api, id, written(instant))
        assert now.json() == answer
        assert now.headers["ETag"] == f'"{answer["version"]}"'
        before = await as_of(api, id, written(instant - A_MOMENT))
        if number:
            assert before.json() == answers[number - 1]
        else:
            assert code_of(before) == (404, "not-found")
    today = instants[-1].astimezone(UTC).date()
    assert (await as_of(api, id, str(today))).json() == answers[-1]  # to the end of the day
    assert code_of(await as_of(api, id, str(today - timedelta(days=2)))) == (404, "not-found")
    assert (await as_of(api, id, "2999-01-01T00:00:00+01:00")).json() == answers[-1]


async def test_it_is_told_to_whom_the_history_is_told(api: Api, client_of: ClientOf, enterprise: Document) -> None:
    moment, id = enterprise["created_at"], enterprise["id"]
    ref = await api.make("/v1/enterprises", builders.enterprise(external_ref=builders.unique()))
    itself = await client_of("enterprise", enterprise_id=ref["id"])
    told = (await as_of(itself, ref["id"], ref["created_at"])).json()
    own = {"external_ref": None, "allowed_actions": told["allowed_actions"]}  # a reference is its client's own
    assert told == ref | own
    assert code_of(await as_of(itself, id, moment)) == (404, "not-found")
    buyer = await client_of("buyer")
    await api.make("/v1/consents", builders.consent(id, buyer.registered["organisation_id"]))
    buyer.consistency = api.consistency
    assert (await buyer.get(f"/v1/enterprises/{id}")).status_code == 200
    assert code_of(await as_of(buyer, id, moment)) == (403, "forbidden")


async def test_a_moment_is_an_instant_or_a_day_and_has_no_pages(api: Api, enterprise: Document) -> None:
    path = f"/v1/enterprises/{enterprise['id']}/history"
    for wrong in ("2012-02-30", "yesterday", "2012-03-31T08:00:00"):
        answer = await as_of(api, enterprise["id"], wrong)
        assert places_in(answer) in ({("as_of", "malformed_date")}, {("as_of", "malformed_instant")})
    paged = await api.get(path, params={"as_of": "2012-03-31", "limit": "5", "count": "exact"})
    assert places_in(paged) == {("limit", "not_with_as_of"), ("count", "not_with_as_of")}
    assert paged.status_code == 422
