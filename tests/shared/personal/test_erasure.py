"""A trainer and a participant are erased: afterwards nothing anywhere tells who they were, and all that was counted still is."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest

from shared.personal.keyring import Keyring
from tests import builders
from tests.conftest import Api, ClientOf, System, pause
from tests.traces import in_tables, superuser, traces
from tests.training import scenes

Document = dict[str, Any]
BASE = {"latitude": "23.0430271828", "longitude": "113.7633141592"}
PARTICIPANTS = "enterprise,reference,sex,category"
ATTENDANCES = "cycle,enterprise,reference,sex,category,date"
DAY = "2012-03-05"


class Canary:
    """A person with a word of its own in everything that names it."""

    def __init__(self) -> None:
        self.word = builders.unique("canary").replace("-", "")
        self.key = builders.unique()


@pytest.fixture
def canary() -> Canary:
    return Canary()


async def send(api: Api, path: str, body: Document, key: str) -> Any:
    return await api.post(path, json=body, headers={"Idempotency-Key": key})


# --- a trainer ---------------------------------------------------------------------------------------------------


async def a_trainer(api: Api, canary: Canary) -> tuple[Document, Document]:
    """What was sent and what came of it: registered under a key, moved, renamed."""
    base = {name: f"{degrees[:-4]}{abs(hash(canary.word)) % 9000 + 1000}" for name, degrees in BASE.items()}
    sent = builders.trainer(
        await scenes.organisation(api), name=f"{canary.word} Müller", base=base, external_ref=f"hr-{canary.word}"
    )
    trainer = (await send(api, "/v1/trainers", sent, canary.key)).json()
    path = f"/v1/trainers/{trainer['id']}"
    await api.patch(path, json={"name": f"{canary.word} Meier"}, headers={"If-Match": '"1"'})
    return sent, trainer


async def test_of_an_erased_trainer_no_trace_is_left(api: Api, system: System, canary: Canary) -> None:
    sent, trainer = await a_trainer(api, canary)
    assert await traces(system, canary.word) == ["training.trainers"]
    erased = await api.do(f"/v1/trainers/{trainer['id']}", "erase")
    assert (erased["name"], erased["base"], erased["external_ref"], erased["version"]) == ("erased", None, None, 3)
    assert await traces(system, canary.word) == []
    for degrees in sent["base"].values():
        assert await traces(system, degrees) == []
    kept = ("organisation_id", "country", "languages", "created_at")
    assert {name: erased[name] for name in kept} == {name: trainer[name] for name in kept}


async def test_the_history_says_nothing_of_who_was_erased(api: Api, canary: Canary) -> None:
    _, trainer = await a_trainer(api, canary)
    path = f"/v1/trainers/{trainer['id']}"
    told = (await api.get(f"{path}/history")).json()["items"]
    assert {"field": "name", "from": f"{canary.word} Müller", "to": f"{canary.word} Meier"} in told[1]["changes"]
    erased = await api.do(path, "erase")
    told = (await api.get(f"{path}/history")).json()["items"]
    assert {"field": "erased_at", "from": None, "to": erased["erased_at"]} in told[2]["changes"]
    assert [one["version"] for one in told] == [1, 2, 3]
    assert len({one["by"] for one in told} - {""}) == 1
    for changes in (one["changes"] for one in told):
        assert {"field": "name", "from": None, "to": None} in changes
    assert {"field": "country", "from": None, "to": "CN"} in told[0]["changes"]


async def test_an_answer_is_replayed_until_the_person_is_erased(api: Api, canary: Canary) -> None:
    sent, trainer = await a_trainer(api, canary)
    again = await send(api, "/v1/trainers", sent, canary.key)
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (201, trainer, "true")
    await api.do(f"/v1/trainers/{trainer['id']}", "erase")
    after = await send(api, "/v1/trainers", sent, canary.key)
    assert (after.status_code, after.json()["code"]) == (409, "person-erased")
    assert after.headers["Location"] == f"/v1/trainers/{trainer['id']}"
    assert canary.word not in after.text


async def test_the_answer_to_the_erasing_itself_is_replayed(api: Api, canary: Canary) -> None:
    _, trainer = await a_trainer(api, canary)
    first, second = [await send(api, f"/v1/trainers/{trainer['id']}/erase", {}, f"{canary.key}-e") for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.content, second.headers["Idempotent-Replayed"]) == (second.content, "true")


async def test_whoever_is_erased_stays_so(api: Api, canary: Canary) -> None:
    _, trainer = await a_trainer(api, canary)
    path = f"/v1/trainers/{trainer['id']}"
    await api.do(path, "erase")
    for answer in (
        await api.post(f"{path}/erase"),
        await api.patch(path, json={"name": "Somebody"}, headers={"If-Match": '"3"'}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")
    assert (await api.get(path)).json()["version"] == 3


async def test_erasing_honours_the_version_that_was_read(api: Api, canary: Canary) -> None:
    _, trainer = await a_trainer(api, canary)
    answer = await api.post(f"/v1/trainers/{trainer['id']}/erase", headers={"If-Match": '"1"'})
    assert answer.status_code == 412


async def test_a_coordinator_erases_in_its_own_countries_and_a_provider_does_not(
    api: Api, client_of: ClientOf, canary: Canary
) -> None:
    sent, trainer = await a_trainer(api, canary)
    path = f"/v1/trainers/{trainer['id']}/erase"
    provider = await client_of("provider", organisation_id=sent["organisation_id"])
    assert (await provider.post(path)).status_code == 403
    assert (await (await client_of("coordinator", countries=["VN"])).post(path)).status_code == 404
    assert (await (await client_of("coordinator", countries=["CN"])).post(path)).status_code == 200


# --- a participant, by hand and from files -----------------------------------------------------------------------


async def a_participant(api: Api, canary: Canary) -> tuple[Document, Document]:
    """The cycle and somebody who attended it: by hand, then in files, among rows that are wrong in every way."""
    cycle = await scenes.cycle(api, 1)
    enterprise = scenes.first_enterprise(cycle)
    sent = builders.participant(enterprise, reference=canary.word, external_ref=f"hr-{canary.word}")
    participant = (await send(api, "/v1/participants", sent, canary.key)).json()
    seat = {"participant_id": participant["id"], "cycle_id": cycle["id"], "date": DAY}
    await send(api, "/v1/attendances", seat, f"{canary.key}-seat")
    return cycle, participant


def files_about(cycle: Document, word: str) -> list[tuple[str, str, str]]:
    """Path, media type, content."""
    enterprise, rest = scenes.first_enterprise(cycle), f"female,worker,{DAY}"
    rows = [
        f"{cycle['id']},{enterprise},{word},{rest}",  # unchanged
        f"{cycle['id']},{enterprise}, {word} ,female,worker,2012-03-06",  # new
        f"{cycle['id']},{enterprise},{word},male,worker,{DAY}",  # contradiction
        f"{cycle['id']},{enterprise},{word},{rest},too much",
        f'{cycle["id"]},{enterprise},"{word}"x,{rest}',
    ]
    people = [{"enterprise": enterprise, "reference": word, "sex": "female", "category": "worker"}]
    people[0] |= {"external_ref": f"hr-{word}"}
    people += [people[0] | {"category": "boss"}, people[0] | {"name": word}, people[0] | {"reference": word * 30}]
    lines = [*map(json.dumps, people), f'["{word}"]', f'{{"reference": "{word}", ']
    return [
        ("/v1/attendances/imports", "text/csv", "\n".join([ATTENDANCES, *rows]) + "\n"),
        ("/v1/participants/imports", "application/x-ndjson", "\n".join(lines) + "\n"),
    ]


async def load(api: Api, path: str, kind: str, content: str) -> tuple[str, Document]:
    """Address of the finished import, and what it says."""
    started = await api.post(f"{path}?mode=partial", content=content.encode(), headers={"Content-Type": kind})
    location = started.headers["Location"]
    for _ in range(600):
        job = (await api.get(location)).json()
        if job["state"] not in ("queued", "running"):
            return location, job
        await pause()
    raise AssertionError(f"the import did not end: {job}")


async def test_of_an_erased_participant_no_trace_is_left(api: Api, system: System, canary: Canary) -> None:
    cycle, participant = await a_participant(api, canary)
    jobs = [await load(api, *file) for file in files_about(cycle, canary.word)]
    assert [job["summary"]["rejected"] for _, job in jobs] == [3, 5]
    assert await traces(system, canary.word) == ["training.participants"]
    scope = f"/v1/results?enterprise_id={scenes.first_enterprise(cycle)}"
    before = (await api.get(scope)).json()
    assert before["population"]["staff_trained"] == 1
    erased = await api.do(f"/v1/participants/{participant['id']}", "erase")
    assert erased["reference"].startswith("erased-")
    assert await traces(system, canary.word) == []
    after = (await api.get(scope)).json()
    assert after["population"] == before["population"]
    assert after["rows"] == before["rows"]
    attended = (await api.get(f"/v1/attendances?participant_id={participant['id']}&count=exact")).json()
    assert attended["total"] == 2


async def test_rejected_rows_are_given_back_until_the_person_is_erased(api: Api, canary: Canary) -> None:
    cycle, participant = await a_participant(api, canary)
    by_file = files_about(cycle, canary.word)
    places = [(await load(api, *file))[0] for file in by_file]
    before = [(await api.get(f"{place}/rejected")).text for place in places]
    rows, lines = by_file[0][2].splitlines(), by_file[1][2].splitlines()
    assert before[0].splitlines()[1].startswith(rows[3])
    assert before[0].splitlines()[2].startswith(rows[4].removesuffix(",too much"))
    assert canary.word in before[0].splitlines()[3]
    told = [json.loads(line) for line in before[1].splitlines()]
    for line in told:
        line.pop("error")
    assert told[:3] == [json.loads(line) for line in lines[1:4]]
    assert told[3:] == [{"line": line} for line in lines[4:]]
    values = [one["value"] for place in places for one in (await api.get(f"{place}/errors")).json()["items"]]
    assert [value for value in values if value and canary.word in value]
    await api.do(f"/v1/participants/{participant['id']}", "erase")
    for place in places:
        assert canary.word not in (await api.get(f"{place}/rejected")).text.replace(canary.word * 30, "")
        assert (await api.get(f"{place}/errors")).status_code == 200


async def test_others_in_the_same_file_stay_readable(api: Api, canary: Canary) -> None:
    cycle, participant = await a_participant(api, canary)
    enterprise = scenes.first_enterprise(cycle)
    rows = [f"{enterprise},{word},female,boss" for word in (canary.word, "somebody-else")]
    place, _ = await load(api, "/v1/participants/imports", "text/csv", "\n".join([PARTICIPANTS, *rows]) + "\n")
    await api.do(f"/v1/participants/{participant['id']}", "erase")
    rejected = (await api.get(f"{place}/rejected")).text
    assert "somebody-else" in rejected
    assert canary.word not in rejected
    assert len(rejected.splitlines()) == 3


async def test_a_file_sent_after_the_erasure_names_somebody_new(api: Api, canary: Canary) -> None:
    """Nothing here can tell that it is the same person: that is what erasing means."""
    cycle, participant = await a_participant(api, canary)
    await api.do(f"/v1/participants/{participant['id']}", "erase")
    row = f"{scenes.first_enterprise(cycle)},{canary.word},female,worker"
    _, job = await load(api, "/v1/participants/imports", "text/csv", f"{PARTICIPANTS}\n{row}\n")
    assert job["summary"]["created"] == 1


async def test_two_who_erase_at_once_erase_once(api: Api, canary: Canary) -> None:
    _, participant = await a_participant(api, canary)
    path = f"/v1/participants/{participant['id']}/erase"
    answers = await asyncio.gather(*(api.post(path) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]


async def test_the_key_goes_with_the_person(api: Api, system: System, canary: Canary) -> None:
    _, participant = await a_participant(api, canary)
    there = "select count(*) from personal_keys where person = $1"
    async with superuser(system, "training") as connection:
        assert await connection.fetchval(there, UUID(participant["id"])) == 1
        await api.do(f"/v1/participants/{participant['id']}", "erase")
        assert await connection.fetchval(there, UUID(participant["id"])) == 0


async def test_the_search_for_traces_finds_what_is_there(api: Api, system: System, canary: Canary) -> None:
    """The control: a name that nobody protects is found in the row, the history, the event, the view and the answer kept."""
    await send(api, "/v1/organisations", builders.organisation(name=f"{canary.word} Ltd."), canary.key)
    await api.get("/v1/cycles")
    found = await traces(system, canary.word)
    tables = {f"enterprise.{table}" for table in ("organisations", "history", "outbox", "idempotency")}
    assert {*tables, "training.organisation_views", "the stream"} <= set(found)
    assert await in_tables(system, "nobody ever wrote this") == []


# --- keys --------------------------------------------------------------------------------------------------------


def test_a_key_opens_only_what_is_about_the_same_person_and_field() -> None:
    keyring, person, other = Keyring("a secret"), UUID(int=1), UUID(int=2)
    key, wrapped = keyring.new(person)
    concealed = key.conceal(b"name", b"1")
    assert keyring.unwrapped(person, wrapped).reveal(concealed, b"1") == b"name"
    assert concealed != key.conceal(b"name", b"1")
    for attempt in (
        lambda: keyring.unwrapped(other, wrapped),
        lambda: Keyring("another").unwrapped(person, wrapped),
        lambda: key.reveal(concealed, b"2"),
        lambda: keyring.new(person)[0].reveal(concealed, b"1"),
    ):
        with pytest.raises(Exception, match=r"^$"):
            attempt()
