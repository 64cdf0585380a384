from typing import Any
from uuid import UUID

from tests import builders
from tests.conftest import Api, System
from tests.training import scenes
from tests.training.scenes import Document, counts, file_of, row_errors

PATH = "/v1/visits/imports"


def row(of: Document, /, **changes: Any) -> Document:
    return {"cycle": of["id"], "enterprise": scenes.first_enterprise(of), "sequence": 1} | changes


async def visits(api: Api, cycle: Document) -> list[Document]:
    items = (await api.get(f"/v1/visits?cycle_id={cycle['id']}")).json()["items"]
    return sorted(items, key=lambda visit: int(visit["sequence"]))


async def told_of(system: System, id: str) -> list[str]:
    """The facts announced of it."""
    connection = await system.connect("training")
    rows = await connection.fetch("select subject from outbox where aggregate_id = $1 order by seq", UUID(id))
    await connection.close()
    return [row["subject"].split(".")[3] for row in rows]


async def test_a_row_with_a_day_done_is_a_visit_done_and_a_second_import_changes_nothing(
    api: Api, system: System
) -> None:
    cycle, trainer = await scenes.cycle(api), await scenes.trainer(api)
    full = {"planned_on": "2012-04-02", "done_on": "2012-04-03", "report": "Less waste.", "trainer": trainer}
    empty = dict.fromkeys(full, "")
    file = file_of(
        row(cycle, **full),
        row(cycle, sequence=2, **empty | {"planned_on": "2012-05-02"}),
        row(cycle, sequence=3, **empty),
    )
    job, errors = await row_errors(api, PATH, file)
    assert (errors, counts(job)) == ([], {"received": 3, "created": 3})
    first, second, third = await visits(api, cycle)
    assert [(one["state"], one["version"]) for one in (first, second, third)] == [
        ("done", 1),
        ("proposed", 1),
        ("proposed", 1),
    ]
    assert [await told_of(system, visit["id"]) for visit in (first, second)] == [["done"], ["proposed"]]
    assert (first["trainer_id"], first["report"], first["done_on"]) == (trainer, "Less waste.", "2012-04-03")
    assert (second["planned_on"], third["planned_on"]) == ("2012-05-02", None)
    job, _ = await row_errors(api, PATH, file)
    assert counts(job) == {"received": 3, "unchanged": 3}


async def test_a_row_supplements_the_visit_that_is_there(api: Api) -> None:
    visit = await scenes.visit(api, report="Begun.")
    at = {"cycle": visit["cycle_id"], "enterprise": visit["enterprise_id"], "sequence": 1}
    job, _ = await row_errors(api, PATH, file_of(at | {"done_on": "2012-04-09", "report": ""}))
    assert counts(job) == {"received": 1, "updated": 1}
    done = (await api.get(f"/v1/visits/{visit['id']}")).json()
    assert (done["state"], done["done_on"], done["report"]) == ("done", "2012-04-09", "Begun.")
    assert (done["planned_on"], done["version"]) == (visit["planned_on"], 2)


async def test_a_visit_that_is_reported_is_not_changed_any_more(api: Api) -> None:
    visit = await scenes.visit(api, done_on="2012-04-09")
    await api.do(f"/v1/visits/{visit['id']}", "report")
    at = {"cycle": visit["cycle_id"], "enterprise": visit["enterprise_id"], "sequence": 1}
    job, _ = await row_errors(api, PATH, file_of(at | {"done_on": "2012-04-09"}))
    assert counts(job) == {"received": 1, "unchanged": 1}
    job, errors = await row_errors(api, PATH, file_of(at | {"done_on": "2012-04-10"}))
    assert (counts(job), errors[0]["code"]) == ({"received": 1, "rejected": 1}, "wrong_state")


async def test_each_wrong_row_is_told_and_the_others_are_kept(api: Api) -> None:
    cycle, other, cancelled = [await scenes.cycle(api) for _ in range(3)]
    await api.do(f"/v1/cycles/{cancelled['id']}", "cancel")
    done = {"done_on": "2012-04-03", "trainer": ""}
    job, errors = await row_errors(
        api,
        PATH,
        file_of(
            row(cycle, **done),
            row(cycle, enterprise=scenes.first_enterprise(other), **done),
            row(cycle, cycle="ref:none", **done),
            row(cancelled, **done),
            row(cycle, **done | {"sequence": 2, "trainer": "ref:nobody"}),
            row(cycle, **done | {"sequence": 0}),
            row(cycle, **done | {"sequence": 3, "done_on": "3.4.2012"}),
        ),
    )
    assert counts(job) == {"received": 7, "created": 1, "rejected": 6}
    assert [(error["row"], error["column"], error["code"]) for error in errors] == [
        (2, "enterprise", "not_in_cycle"),
        (3, "cycle", "unknown_reference"),
        (4, "cycle", "cycle_cancelled"),
        (5, "trainer", "unknown_reference"),
        (6, "sequence", "out_of_range"),
        (7, "done_on", "malformed_date"),
    ]
    assert len(await visits(api, cycle)) == 1


async def test_an_atomic_file_with_a_wrong_row_and_a_dry_run_keep_nothing(api: Api) -> None:
    cycle = await scenes.cycle(api)
    job, _ = await row_errors(api, PATH, file_of(row(cycle), row(cycle, cycle="ref:none")), "atomic")
    assert (job["state"], counts(job)) == ("failed", {"received": 2, "rejected": 1})
    job, _ = await row_errors(api, PATH, file_of(row(cycle)), "dry_run")
    assert (job["state"], counts(job)) == ("succeeded", {"received": 1, "created": 1})
    assert await visits(api, cycle) == []


async def test_the_same_visit_by_two_references_is_made_once(api: Api) -> None:
    ref = builders.unique()
    (enterprise,) = await scenes.enterprises(api, external_ref=ref)
    cycle = await api.make("/v1/cycles", builders.cycle([enterprise]))
    job, _ = await row_errors(
        api, PATH, file_of(row(cycle, done_on=""), row(cycle, enterprise=f"ref:{ref}", done_on="2012-04-03"))
    )
    assert counts(job) == {"received": 2, "created": 1, "updated": 1}
    (visit,) = await visits(api, cycle)
    assert (visit["state"], visit["version"]) == ("done", 1)


async def test_a_row_gives_a_visit_a_reference_of_ours(api: Api) -> None:
    visit, ref = await scenes.visit(api, external_ref=builders.unique()), builders.unique()
    at = {"cycle": visit["cycle_id"], "enterprise": visit["enterprise_id"]}
    new = at | {"sequence": 2, "external_ref": ref}
    for outcome in ("created", "unchanged"):
        job, errors = await row_errors(api, PATH, file_of(new))
        assert (errors, counts(job)) == ([], {"received": 1, outcome: 1})
    [found] = (await api.get("/v1/visits", params={"external_ref": ref})).json()["items"]
    assert found["sequence"] == 2
    wrong = [at | {"sequence": number, "external_ref": ref} for number in (1, 3)]
    for one in wrong:
        _, errors = await row_errors(api, PATH, file_of(one))
        assert [(error["column"], error["code"]) for error in errors] == [("external_ref", "taken")]
    _, errors = await row_errors(api, PATH, file_of(new, wrong[1]))
    assert [error["code"] for error in errors] == ["conflict_in_file"]
    job, _ = await row_errors(api, PATH, file_of(wrong[0] | {"external_ref": builders.unique()}))
    assert counts(job) == {"received": 1, "updated": 1}
