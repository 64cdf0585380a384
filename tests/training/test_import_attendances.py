from typing import Any

from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import Document, counts, file_of, row_errors

PATH = "/v1/attendances/imports"


def row(of: Document, /, **changes: Any) -> Document:
    return {
        "cycle": of["id"],
        "enterprise": scenes.first_enterprise(of),
        "reference": "p-1",
        "sex": "female",
        "category": "worker",
        "date": "2012-03-05",
    } | changes


async def recorded(api: Api, cycle: Document) -> list[tuple[str, str]]:
    """(reference, day) of each attendance of the cycle."""
    items = (await api.get(f"/v1/attendances?cycle_id={cycle['id']}&limit=500")).json()["items"]
    who = {id: (await api.get(f"/v1/participants/{id}")).json() for id in {item["participant_id"] for item in items}}
    return sorted((who[item["participant_id"]]["reference"], item["date"]) for item in items)


async def test_rows_make_participants_and_attendances_and_a_second_import_changes_nothing(api: Api) -> None:
    cycle = await scenes.cycle(api)
    known = await scenes.participant(api, cycle, reference="p-0")
    file = file_of(
        row(cycle, reference=known["reference"]),
        row(cycle),
        row(cycle, date="2012-03-06"),
        row(cycle, reference="p-2", sex="unknown", category="manager"),
    )
    job, errors = await row_errors(api, PATH, file)
    assert (job["state"], errors) == ("succeeded", [])
    assert counts(job) == {"received": 4, "created": 4}
    assert await recorded(api, cycle) == [
        ("p-0", "2012-03-05"),
        ("p-1", "2012-03-05"),
        ("p-1", "2012-03-06"),
        ("p-2", "2012-03-05"),
    ]
    people = (await api.get(f"/v1/participants?enterprise_id={scenes.first_enterprise(cycle)}")).json()["items"]
    assert [(one["reference"], one["sex"], one["category"]) for one in people] == [
        ("p-0", "female", "worker"),
        ("p-1", "female", "worker"),
        ("p-2", "unknown", "manager"),
    ]
    job, _ = await row_errors(api, PATH, file)
    assert counts(job) == {"received": 4, "unchanged": 4}


async def test_references_may_be_ids_external_refs_and_identifiers(api: Api) -> None:
    number, ref = builders.unique(), builders.unique()
    identifiers = [{"scheme": "national", "value": f"CN:{number}"}]
    enterprise = await api.make("/v1/enterprises", builders.enterprise(identifiers=identifiers, external_ref=ref))
    sent = builders.cycle([enterprise["id"]], external_ref=builders.unique())
    cycle = await api.make("/v1/cycles", sent)
    by = f"ref:{sent['external_ref']}"
    job, errors = await row_errors(
        api,
        PATH,
        file_of(
            row(cycle, reference="p-1"),
            row(cycle, reference="p-2", cycle=by, enterprise=f"ref:{ref}"),
            row(cycle, reference="p-3", enterprise=f"national:CN:{number}"),
            # the same attendance as the first row, by other words
            row(cycle, reference="p-1", cycle=by),
        ),
    )
    assert errors == []
    assert counts(job) == {"received": 4, "created": 3, "unchanged": 1}


async def test_each_wrong_row_is_told_and_the_others_are_kept(api: Api) -> None:
    cycle, other, cancelled = [await scenes.cycle(api) for _ in range(3)]
    await api.do(f"/v1/cycles/{cancelled['id']}", "cancel")
    known = await scenes.participant(api, cycle, reference="p-known", sex="male", category="manager")
    job, errors = await row_errors(
        api,
        PATH,
        file_of(
            row(cycle),
            row(cycle, cycle="ref:none", reference="p-2"),
            row(cycle, enterprise="gln:9436465792104", reference="p-3"),
            row(cycle, enterprise=scenes.first_enterprise(other), reference="p-4"),
            row(cycle, date="2012-03-07", reference="p-5"),
            row(cancelled, reference="p-6"),
            row(cycle, reference=known["reference"], sex="female", category="manager"),
            row(cycle, reference="p-8", sex="f"),
            row(cycle),
        ),
    )
    assert (job["state"], counts(job)) == ("succeeded", {"received": 9, "created": 1, "rejected": 8})
    assert [(error["row"], error["column"], error["code"]) for error in errors[:7]] == [
        (2, "cycle", "unknown_reference"),
        (3, "enterprise", "unknown_reference"),
        (4, "enterprise", "not_in_cycle"),
        (5, "date", "not_a_classroom_day"),
        (6, "cycle", "cycle_cancelled"),
        (7, "sex", "contradiction"),
        (8, "sex", "not_one_of"),
    ]
    assert errors[7]["row"] == 9
    assert "2012-03-05, 2012-03-06" in errors[3]["detail"]
    assert await recorded(api, cycle) == [("p-1", "2012-03-05")]
    people = (await api.get(f"/v1/participants?enterprise_id={scenes.first_enterprise(cycle)}")).json()["items"]
    assert [one["reference"] for one in people] == ["p-known", "p-1"]


async def test_one_wrong_row_keeps_all_of_an_atomic_file_out(api: Api) -> None:
    cycle = await scenes.cycle(api)
    file = file_of(row(cycle), row(cycle, date="2012-03-07"))
    job, errors = await row_errors(api, PATH, file, "atomic")
    assert (job["state"], [error["row"] for error in errors]) == ("failed", [2])
    assert await recorded(api, cycle) == []
    job, _ = await row_errors(api, PATH, file_of(row(cycle), row(cycle, date="2012-03-06")), "atomic")
    assert (job["state"], counts(job)) == ("succeeded", {"received": 2, "created": 2})


async def test_a_dry_run_tells_and_keeps_nothing(api: Api) -> None:
    cycle = await scenes.cycle(api)
    job, errors = await row_errors(api, PATH, file_of(row(cycle), row(cycle, date="2012-03-07")), "dry_run")
    assert (job["state"], counts(job)) == ("succeeded", {"received": 2, "created": 1, "rejected": 1})
    assert [error["row"] for error in errors] == [2]
    assert await recorded(api, cycle) == []
    enterprise = scenes.first_enterprise(cycle)
    assert (await api.get(f"/v1/participants?enterprise_id={enterprise}")).json()["items"] == []


async def test_a_missing_and_an_unknown_column_are_told_before_the_file_is_taken(api: Api) -> None:
    cycle = await scenes.cycle(api)
    short = {name: value for name, value in row(cycle).items() if name != "date"}
    for content, code in ((file_of(short), "missing-column"), (file_of(row(cycle, shoe="42")), "unknown-column")):
        answer = await api.post(f"{PATH}?mode=partial", content=content.encode(), headers={"Content-Type": "text/csv"})
        assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_many_rows_go_through_in_batches(api: Api) -> None:
    cycle = await scenes.cycle(api)
    rows = [row(cycle, reference=f"p-{n}", date=day) for n in range(600) for day in ("2012-03-05", "2012-03-06")]
    job, _ = await row_errors(api, PATH, file_of(*rows))
    assert counts(job) == {"received": 1200, "created": 1200}
    answer = await api.get(f"/v1/attendances?cycle_id={cycle['id']}&limit=1&count=exact")
    assert answer.json()["total"] == 1200
    people = await api.get(f"/v1/participants?enterprise_id={scenes.first_enterprise(cycle)}&limit=1&count=exact")
    assert people.json()["total"] == 600
