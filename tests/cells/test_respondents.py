"""What buyers and donors are shown of a survey among the people of a partnership they are a party of."""

from typing import Any

import pytest

from tests import builders
from tests.cells.loading import agree, make_enterprises, partnership_of
from tests.conftest import Api, ClientOf
from tests.results.loading import make_buyer

World = dict[str, str]


async def survey_with(api: Api, country: str, workers: int, managers: int) -> World:
    organisation = await make_buyer(api)
    [enterprise] = await make_enterprises(api, 1, country)
    partnership = await partnership_of(api, country, organisation)
    survey = await api.make("/v1/surveys", builders.survey(partnership_id=partnership))
    world = {"organisation": organisation, "survey": survey["id"], "enterprise": enterprise}
    await answer(api, world, workers=workers, managers=managers)
    return world


async def answer(api: Api, world: World, workers: int = 0, managers: int = 0) -> None:
    for number in range(workers + managers):
        category = "worker" if number < workers else "manager"
        answers = {"relations": number % 3 > 0}
        said = builders.response(world["enterprise"], category=category, answers=answers)
        await api.make(f"/v1/surveys/{world['survey']}/responses", said)


async def relations(client: Api, world: World, **category: str) -> Any:
    answer = await client.get(f"/v1/surveys/{world['survey']}/results", params=category)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"][0]


def is_silent(item: dict[str, Any]) -> bool:
    figures = item["answered"], item["agree"], item["share"], item["exact"]["share"]
    return bool(item["suppressed"]) and set(figures) == {None}


async def test_answers_of_enough_are_shown_and_of_fewer_are_not(api: Api, client_of: ClientOf) -> None:
    world = await survey_with(api, "CN", workers=6, managers=5)
    buyer = await client_of("buyer", organisation_id=world["organisation"])
    for category in ({}, {"category": "worker"}, {"category": "manager"}):
        assert await relations(buyer, world, **category) == await relations(api, world, **category)
    few = await survey_with(api, "CN", workers=4, managers=0)
    donor = await client_of("donor", organisation_id=few["organisation"])
    assert is_silent(await relations(donor, few))
    assert (await relations(api, few))["answered"] == 4


@pytest.mark.parametrize("category", ["worker", "manager"])
async def test_a_category_is_hidden_when_the_other_is_too_small(api: Api, client_of: ClientOf, category: str) -> None:
    world = await survey_with(api, "CN", workers=7, managers=2)
    buyer = await client_of("buyer", organisation_id=world["organisation"])
    assert (await relations(buyer, world))["answered"] == 9
    assert is_silent(await relations(buyer, world, category=category))


async def test_an_enterprise_does_not_agree_for_its_people(api: Api, client_of: ClientOf) -> None:
    world = await survey_with(api, "CN", workers=3, managers=0)
    await agree(api, [world["enterprise"]])
    buyer = await client_of("buyer", organisation_id=world["organisation"])
    assert is_silent(await relations(buyer, world))


async def test_a_survey_of_others_does_not_exist(api: Api, client_of: ClientOf) -> None:
    world = await survey_with(api, "CN", workers=6, managers=0)
    stranger = await client_of("buyer")
    assert (await stranger.get(f"/v1/surveys/{world['survey']}/results")).status_code == 404


async def test_slips_that_are_typed_in_one_by_one_are_told_of_when_they_are_enough(
    api: Api, client_of: ClientOf
) -> None:
    world = await survey_with(api, "CN", workers=6, managers=5)
    buyer = await client_of("buyer", organisation_id=world["organisation"])
    told = await relations(buyer, world)
    assert told["answered"] == 11
    await answer(api, world, workers=4)
    assert await relations(buyer, world) == told
    assert (await relations(buyer, world, category="worker"))["answered"] == 6
    assert (await relations(api, world))["answered"] == 15
    await answer(api, world, workers=1)
    assert (await relations(buyer, world))["answered"] == 16
    await answer(api, world, workers=5, managers=2)
    assert (await relations(buyer, world))["answered"] == 16  # two managers would be told of by their category


async def test_what_was_too_few_to_be_told_waits_for_nothing(api: Api, client_of: ClientOf) -> None:
    world = await survey_with(api, "CN", workers=4, managers=0)
    buyer = await client_of("buyer", organisation_id=world["organisation"])
    assert is_silent(await relations(buyer, world))
    await answer(api, world, workers=1)
    assert (await relations(buyer, world))["answered"] == 5
