from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import pointers


async def test_a_trainer_is_registered_with_all_that_is_known(api: Api) -> None:
    sent = builders.trainer(
        await scenes.organisation(api),
        sex="female",
        languages=["zh", "en"],
        sectors=["garments"],
        base={"latitude": "23.0430", "longitude": "113.7633"},
        max_days_per_month=8,
        external_ref=builders.unique(),
    )
    trainer = await api.make("/v1/trainers", sent)
    assert {name: trainer[name] for name in sent} == sent
    again = await api.post("/v1/trainers", json=sent)
    assert (again.status_code, again.headers["Location"]) == (409, f"/v1/trainers/{trainer['id']}")


async def test_what_is_left_out_is_null_or_empty(api: Api) -> None:
    trainer = await api.make("/v1/trainers", builders.trainer(await scenes.organisation(api), languages=[]))
    assert trainer["sex"] is trainer["base"] is trainer["max_days_per_month"] is None
    assert trainer["languages"] == trainer["sectors"] == []


async def test_the_employer_must_be_known(api: Api) -> None:
    stranger = "01900000-0000-7000-8000-000000000000"
    answer = await api.post("/v1/trainers", json=builders.trainer(stranger))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-reference")
    assert pointers(answer) == ["/organisation_id"]


async def test_a_trainer_is_changed_by_a_merge_patch(api: Api) -> None:
    base = {"latitude": "23.0430", "longitude": "113.7633"}
    trainer = await api.make("/v1/trainers", builders.trainer(await scenes.organisation(api), base=base))
    path = f"/v1/trainers/{trainer['id']}"
    patched = await api.patch(path, json={"base": {"latitude": "24"}, "sex": "male"}, headers={"If-Match": '"1"'})
    assert patched.json()["base"] == {"latitude": "24", "longitude": "113.7633"}
    assert patched.json()["sex"] == "male"
    patched = await api.patch(path, json={"base": None}, headers={"If-Match": '"2"'})
    assert (patched.json()["base"], patched.json()["version"]) == (None, 3)


async def test_trainers_are_found_by_employer_and_country(api: Api) -> None:
    employer = await scenes.organisation(api)
    here = await api.make("/v1/trainers", builders.trainer(employer))
    there = await api.make("/v1/trainers", builders.trainer(employer, country="VN"))
    mine = f"/v1/trainers?organisation_id={employer}"
    assert (await api.get(mine)).json()["items"] == [here, there]
    assert (await api.get(f"{mine}&country=VN,GH")).json()["items"] == [there]
