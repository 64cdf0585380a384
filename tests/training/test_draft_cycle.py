from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import pointers

STRANGER = "01900000-0000-7000-8000-000000000000"


async def test_a_cycle_is_made_as_a_draft_with_the_standard_variant(api: Api) -> None:
    cycle = await scenes.cycle(api, 2)
    assert (cycle["state"], cycle["variant"], cycle["module"]) == ("draft", "standard", "M1")
    assert cycle["allowed_actions"] == ["plan", "cancel"]
    assert cycle["classroom"] == [{"date": "2012-03-05", "venue": None}, {"date": "2012-03-06", "venue": None}]
    assert (await api.get(f"/v1/cycles/{cycle['id']}")).json() == cycle


async def test_a_cycle_holds_all_it_was_given(api: Api) -> None:
    provider, trainers = await scenes.organisation(api), [await scenes.trainer(api) for _ in range(3)]
    sent = builders.cycle(
        await scenes.enterprises(api),
        phase_id=await scenes.phase(api),
        provider_id=provider,
        lead_trainer_id=trainers[0],
        co_trainer_ids=[trainers[1]],
        supervisor_id=trainers[2],
        classroom=[{"date": "2012-03-05", "venue": "Dongguan"}],
        external_ref=builders.unique(),
    )
    cycle = await api.make("/v1/cycles", sent)
    assert {name: cycle[name] for name in sent} == sent


@pytest.mark.parametrize("state", ["draft", "planned"])
async def test_a_state_can_not_be_sent(api: Api, state: str) -> None:
    answer = await api.post("/v1/cycles", json=builders.cycle([], state=state))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "read_only")


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"module": "M99"}, "/module"),
        ({"variant": "weekend"}, "/variant"),
        ({"phase_id": STRANGER}, "/phase_id"),
        ({"partnership_id": STRANGER}, "/partnership_id"),
        ({"provider_id": STRANGER}, "/provider_id"),
        ({"enterprises": [{"enterprise_id": STRANGER}]}, "/enterprises/0/enterprise_id"),
        ({"lead_trainer_id": STRANGER}, "/lead_trainer_id"),
        ({"co_trainer_ids": [STRANGER]}, "/co_trainer_ids/0"),
        ({"supervisor_id": STRANGER}, "/supervisor_id"),
    ],
)
async def test_what_a_cycle_refers_to_must_be_known(api: Api, changes: dict[str, Any], place: str) -> None:
    answer = await api.post("/v1/cycles", json=builders.cycle([], **changes))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-reference")
    assert pointers(answer) == [place]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"classroom": [{"date": "2012-03-05"}, {"date": "2012-03-05"}]}, "/classroom"),
        ({"enterprises": [{"enterprise_id": STRANGER}, {"enterprise_id": STRANGER}]}, "/enterprises"),
        ({"co_trainer_ids": [STRANGER, STRANGER]}, "/co_trainer_ids"),
    ],
)
async def test_days_enterprises_and_trainers_are_named_once(api: Api, changes: dict[str, Any], place: str) -> None:
    answer = await api.post("/v1/cycles", json=builders.cycle([], **changes))
    assert (answer.status_code, pointers(answer)) == (422, [place])


async def test_a_day_outside_the_phase_is_refused_where_it_stands(api: Api) -> None:
    phase = await scenes.phase(api, starts_on="2012-01-01", ends_on="2012-03-05")
    days = [{"date": day} for day in ("2011-12-31", "2012-01-01", "2012-03-05", "2012-03-06")]
    answer = await api.post("/v1/cycles", json=builders.cycle([], phase_id=phase, classroom=days))
    assert (answer.status_code, answer.json()["code"]) == (422, "validation-failed")
    assert pointers(answer) == ["/classroom/0/date", "/classroom/3/date"]
    fitting = await api.post("/v1/cycles", json=builders.cycle([], phase_id=phase, classroom=days[1:3]))
    assert fitting.status_code == 201


async def test_a_phase_without_an_end_takes_any_later_day(api: Api) -> None:
    phase = await scenes.phase(api, starts_on="2012-01-01", ends_on=None)
    sent = builders.cycle([], phase_id=phase, classroom=[{"date": "2031-01-01"}])
    assert (await api.post("/v1/cycles", json=sent)).status_code == 201


async def test_the_second_use_of_an_external_ref_names_the_first(api: Api) -> None:
    sent = builders.cycle([], external_ref=builders.unique())
    first = await api.make("/v1/cycles", sent)
    answer = await api.post("/v1/cycles", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "already-exists")
    assert answer.headers["Location"] == f"/v1/cycles/{first['id']}"


async def test_an_enterprise_registered_a_moment_before_is_waited_for(api: Api) -> None:
    """Without a consistency token: the write itself waits for the id."""
    for _ in range(10):
        enterprise = (await api.post("/v1/enterprises", json=builders.enterprise())).json()["id"]
        api.consistency = None
        answer = await api.post("/v1/cycles", json=builders.cycle([enterprise]))
        assert answer.status_code == 201, answer.text
