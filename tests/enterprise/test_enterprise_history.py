from typing import Any

from tests import builders
from tests.conftest import Api, System
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]


async def test_it_tells_who_changed_what_from_what_to_what_and_when(api: Api, system: System) -> None:
    workforce = {"as_of": "2012-03-31", "total": 100, "women": 60, "managers": None}
    made = await api.make("/v1/enterprises", builders.enterprise(isic="1410"))
    path = f"/v1/enterprises/{made['id']}"
    changes = {"isic": "1430", "workforce": workforce}
    amended = (await api.patch(path, json=changes, headers={"If-Match": '"1"'})).json()
    assessed = await api.do(path, "assess", {"eligible": False, "reason": "Too large"})
    first, second, third = (await api.get(f"{path}/history")).json()["items"]
    assert [change["version"] for change in (first, second, third)] == [1, 2, 3]
    assert {change["by"] for change in (first, second, third)} == {system.credentials["client_id"]}
    assert [first["at"], second["at"], third["at"]] == [
        made["updated_at"],
        amended["updated_at"],
        assessed["updated_at"],
    ]
    assert {"field": "legal_name", "from": None, "to": made["legal_name"]} in first["changes"]
    assert second["changes"] == [
        {"field": "isic", "from": "1410", "to": "1430"},
        {"field": "workforce", "from": None, "to": {"as_of": "2012-03-31", "total": 100, "women": 60}},
    ]
    assert third["changes"] == [
        {"field": "reason", "from": None, "to": "Too large"},
        {"field": "state", "from": "registered", "to": "ineligible"},
    ]


async def test_it_tells_only_of_fields_the_api_has(api: Api, enterprise: Document) -> None:
    changes = (await api.get(f"/v1/enterprises/{enterprise['id']}/history")).json()["items"][0]["changes"]
    # one that is merged is answered no more; that it was is told
    assert {change["field"] for change in changes} <= enterprise.keys() | {"merged_into"}


async def test_it_comes_in_pages(api: Api, enterprise: Document) -> None:
    path = f"/v1/enterprises/{enterprise['id']}"
    for version in range(1, 5):
        body = {"isic": f"14{version}0"}
        assert (await api.patch(path, json=body, headers={"If-Match": f'"{version}"'})).status_code == 200
    first = (await api.get(f"{path}/history", params={"limit": "2", "count": "exact"})).json()
    second = (await api.get(f"{path}/history", params={"limit": "2", "cursor": first["next_cursor"]})).json()
    third = (await api.get(f"{path}/history", params={"limit": "2", "cursor": second["next_cursor"]})).json()
    versions = [change["version"] for page in (first, second, third) for change in page["items"]]
    assert (versions, first["total"], third["next_cursor"]) == ([1, 2, 3, 4, 5], 5, None)


async def test_a_cursor_of_another_list_is_refused(api: Api, enterprise: Document) -> None:
    other = await api.make("/v1/enterprises", builders.enterprise())
    for one in (enterprise, other):
        await api.do(f"/v1/enterprises/{one['id']}", "assess", {"eligible": True})
    page = (await api.get(f"/v1/enterprises/{other['id']}/history", params={"limit": "1"})).json()
    answer = await api.get(f"/v1/enterprises/{enterprise['id']}/history", params={"cursor": page["next_cursor"]})
    assert (code_of(answer), places_in(answer)) == ((422, "validation-failed"), {("cursor", "bad_cursor")})


async def test_nobodys_history_is_not_found(api: Api) -> None:
    answer = await api.get("/v1/enterprises/0190aaaa-0000-7000-8000-000000000000/history")
    assert code_of(answer) == (404, "not-found")
