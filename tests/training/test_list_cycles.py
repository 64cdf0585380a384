import pytest

from tests import builders
from tests.conftest import Api
from tests.training import scenes


@pytest.fixture
async def provider(api: Api) -> str:
    """Each test's own, so that it sees its own cycles only."""
    return await scenes.organisation(api)


async def ids(api: Api, provider: str, query: str = "") -> list[str]:
    answer = await api.get(f"/v1/cycles?provider_id={provider}{query}")
    assert answer.status_code == 200, answer.text
    return [cycle["id"] for cycle in answer.json()["items"]]


async def test_each_filter_lets_through_what_it_names(api: Api, provider: str) -> None:
    phase, trainers = await scenes.phase(api), [await scenes.trainer(api) for _ in range(3)]
    other = await scenes.cycle(api, provider_id=provider, module="M2", classroom=[{"date": "2011-01-10"}])
    wanted = await scenes.cycle(
        api,
        provider_id=provider,
        country="VN",
        phase_id=phase,
        lead_trainer_id=trainers[0],
        co_trainer_ids=[trainers[1]],
        supervisor_id=trainers[2],
    )
    wanted = await api.do(f"/v1/cycles/{wanted['id']}", "plan")
    assert await ids(api, provider) == [other["id"], wanted["id"]]
    for query in (
        "country=VN",
        f"phase_id={phase}",
        "module=M1",
        "state=planned",
        f"enterprise_id={scenes.first_enterprise(wanted)}",
        f"lead_trainer_id={trainers[0]}",
        f"co_trainer_id={trainers[1]}",
        f"supervisor_id={trainers[2]}",
        "from=2011-01-11",
        "from=2012-03-06&to=2012-03-06",
    ):
        assert await ids(api, provider, f"&{query}") == [wanted["id"]], query
    assert await ids(api, provider, "&to=2012-03-04") == [other["id"]]
    both = f"{scenes.first_enterprise(wanted)},{scenes.first_enterprise(other)}"
    assert await ids(api, provider, f"&enterprise_id={both}") == [other["id"], wanted["id"]]
    assert await ids(api, provider, "&country=VN&module=M2") == []


async def test_a_partnerships_cycles_are_found(api: Api, provider: str) -> None:
    partnership = await api.make(
        "/v1/partnerships",
        {
            "name": "Synthetic",
            "parties": [{"organisation_id": provider, "role": "implementer"}],
            "countries": ["CN"],
            "starts_on": "2011-01-01",
        },
    )
    cycle = await scenes.cycle(api, provider_id=provider, partnership_id=partnership["id"])
    await scenes.cycle(api, provider_id=provider)
    assert await ids(api, provider, f"&partnership_id={partnership['id']}") == [cycle["id"]]


async def test_pages_follow_one_another(api: Api, provider: str) -> None:
    made = [(await api.make("/v1/cycles", builders.cycle([], provider_id=provider)))["id"] for _ in range(5)]
    path, seen = f"/v1/cycles?provider_id={provider}&limit=2&sort=-created_at", []
    while path:
        page = await api.get(path)
        seen += [cycle["id"] for cycle in page.json()["items"]]
        path = page.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert seen == made[::-1]
    assert (await api.get(f"/v1/cycles?provider_id={provider}&count=exact&limit=1")).json()["total"] == 5


@pytest.mark.parametrize("query", ["state=begun", "from=yesterday", "enterprise_id=x", "co_trainer_ids=x", "module="])
async def test_a_filter_that_makes_no_sense_is_refused(api: Api, query: str) -> None:
    assert (await api.get(f"/v1/cycles?{query}")).status_code == 422
