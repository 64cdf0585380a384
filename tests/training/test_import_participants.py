from typing import Any

from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import Document, counts, file_of, row_errors

PATH = "/v1/participants/imports"


def row(of: str, /, **changes: Any) -> Document:
    return {"enterprise": of, "reference": "p-1", "sex": "female", "category": "worker"} | changes


async def test_rows_are_created_changed_or_left_as_they_are(api: Api) -> None:
    (enterprise,) = await scenes.enterprises(api)
    same = await api.make("/v1/participants", builders.participant(enterprise, reference="p-1"))
    other = await api.make("/v1/participants", builders.participant(enterprise, reference="p-2"))
    file = file_of(row(enterprise), row(enterprise, reference="p-2", sex="male"), row(enterprise, reference="p-3"))
    job, errors = await row_errors(api, PATH, file)
    assert (errors, counts(job)) == ([], {"received": 3, "created": 1, "updated": 1, "unchanged": 1})
    assert (await api.get(f"/v1/participants/{same['id']}")).json() == same
    changed = (await api.get(f"/v1/participants/{other['id']}")).json()
    assert (changed["sex"], changed["version"]) == ("male", 2)
    history = (await api.get(f"/v1/participants/{other['id']}/history")).json()["items"]
    assert history[-1]["changes"] == [{"field": "sex", "from": "female", "to": "male"}]
    job, _ = await row_errors(api, PATH, file)
    assert counts(job) == {"received": 3, "unchanged": 3}


async def test_a_wrong_row_is_told(api: Api) -> None:
    (enterprise,) = await scenes.enterprises(api)
    file = file_of(row("ref:none"), row(enterprise), row(enterprise, reference="p-2", category="boss"))
    job, errors = await row_errors(api, PATH, file)
    assert counts(job) == {"received": 3, "created": 1, "rejected": 2}
    assert [(error["row"], error["column"], error["code"]) for error in errors] == [
        (1, "enterprise", "unknown_reference"),
        (3, "category", "not_one_of"),
    ]


async def test_an_atomic_file_with_a_wrong_row_and_a_dry_run_keep_nothing(api: Api) -> None:
    (enterprise,) = await scenes.enterprises(api)
    job, _ = await row_errors(api, PATH, file_of(row(enterprise), row("ref:none")), "atomic")
    assert (job["state"], counts(job)) == ("failed", {"received": 2, "rejected": 1})
    job, _ = await row_errors(api, PATH, file_of(row(enterprise)), "dry_run")
    assert (job["state"], counts(job)) == ("succeeded", {"received": 1, "created": 1})
    assert (await api.get(f"/v1/participants?enterprise_id={enterprise}")).json()["items"] == []


async def test_the_same_person_by_two_references_is_made_once(api: Api) -> None:
    ref = builders.unique()
    (enterprise,) = await scenes.enterprises(api, external_ref=ref)
    job, _ = await row_errors(api, PATH, file_of(row(enterprise), row(f"ref:{ref}")))
    assert counts(job) == {"received": 2, "created": 1, "unchanged": 1}


async def test_a_row_gives_a_participant_a_reference_of_ours(api: Api) -> None:
    (enterprise,), ref, other = await scenes.enterprises(api), builders.unique(), builders.unique()
    await api.make("/v1/participants", builders.participant(enterprise, reference="p-2", external_ref=other))
    one = row(enterprise, external_ref=ref)
    for outcome in ("created", "unchanged"):
        job, errors = await row_errors(api, PATH, file_of(one))
        assert (errors, counts(job)) == ([], {"received": 1, outcome: 1})
    [found] = (await api.get("/v1/participants", params={"external_ref": ref})).json()["items"]
    assert found["reference"] == "p-1"
    job, errors = await row_errors(api, PATH, file_of(one | {"external_ref": other}))
    assert (counts(job), errors[0]["code"]) == ({"received": 1, "rejected": 1}, "taken")
    job, _ = await row_errors(api, PATH, file_of(one | {"external_ref": ""}))
    assert counts(job) == {"received": 1, "unchanged": 1}
    news = builders.unique()
    job, _ = await row_errors(api, PATH, file_of(one | {"external_ref": news}))
    assert counts(job) == {"received": 1, "updated": 1}
    assert (await api.get(f"/v1/participants/{found['id']}")).json()["external_ref"] == news


async def test_an_enterprise_registered_a_moment_before_is_waited_for(api: Api) -> None:
    """Without a consistency token: the import itself waits for what the registry made."""
    enterprise = (await api.post("/v1/enterprises", json=builders.enterprise())).json()["id"]
    api.consistency = None
    job, errors = await row_errors(api, PATH, file_of(row(enterprise)))
    assert (errors, counts(job)) == ([], {"received": 1, "created": 1})
