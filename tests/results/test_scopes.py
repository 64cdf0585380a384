"""Rule 1: which attendances a table is about; each enterprise sent another number of people, so that staff tells who is in it."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.results.by_hand import defects, saved
from tests.results.loading import (
    attend,
    make_buyer,
    make_cycle,
    make_enterprises,
    make_module,
    make_partnership,
    make_phase,
    report,
    set_rates,
    visit,
)

PEOPLE = {"alpha": 1, "beta": 2, "gamma": 4, "delta": 8}
AS_OF = "2012-12-31"
World = dict[str, str]


async def link(api: Api, buyer_id: str, enterprise_id: str, *verbs: str, **fields: Any) -> None:
    body = {"buyer_id": buyer_id, "enterprise_id": enterprise_id, "tier": 1, "since": "2012-06-01"} | fields
    made = await api.make("/v1/supply-links", body)
    for verb in verbs:
        await api.do(f"/v1/supply-links/{made['id']}", verb)


async def make_world(api: Api) -> World:
    """Alpha and gamma in a cycle of the phase and the partnership, alpha and beta in one of another module that names neither,
    delta in one of the phase alone. Bhutan and the rare activities are nobody else's."""
    ids: World = {}
    for name, country, isic in (
        ("alpha", "BT", "0321"),
        ("beta", "BT", "0322"),
        ("gamma", "TL", "0321"),
        ("delta", "TL", "0990"),
    ):
        ids |= await make_enterprises(api, [name], country=country, isic=isic)
    ids["sponsor"], ids["buyer"], ids["stranger"] = [await make_buyer(api) for _ in range(3)]
    ids["phase"] = await make_phase(api, countries=["BT", "TL"])
    parties = [{"organisation_id": ids["sponsor"], "role": "sponsor"}]
    ids["partnership"] = await make_partnership(api, parties=parties)
    ids["module"], ids["other_module"] = await make_module(api), await make_module(api)
    await train(api, ids, ["alpha", "gamma"], "2012-03-05", "both", partnership_id=ids["partnership"])
    await train(api, ids, ["alpha", "beta"], "2012-04-02", "neither", phase_id=None, module=ids["other_module"])
    await train(api, ids, ["delta"], "2012-05-07", "phase_only")
    await link(api, ids["buyer"], ids["beta"], "confirm", until="2012-12-31")
    await link(api, ids["buyer"], ids["delta"])
    return ids


async def train(api: Api, ids: World, names: list[str], day: str, key: str, **fields: Any) -> None:
    named = {"phase_id": ids["phase"], "module": ids["module"]} | fields
    given = {name: value for name, value in named.items() if value is not None}
    ids[key] = await make_cycle(api, [ids[name] for name in names], days=[day], **given)
    for name in names:
        people = [f"{name}-{n}" for n in range(PEOPLE[name])]
        await attend(api, ids[key], [ids[name]], days=[day], people=people)


@pytest.fixture(scope="module")
def made() -> World:
    return {}


@pytest.fixture
async def world(api: Api, made: World) -> World:
    if not made:
        made |= await make_world(api) | {"token": ""}
        made["token"] = api.consistency or ""
    api.consistency = made["token"]
    return made


async def table(api: Api, **parameters: str) -> dict[str, Any]:
    answer = await api.get("/v1/results", params={"as_of": AS_OF} | parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def trained(api: Api, **parameters: str) -> set[str]:
    population = (await table(api, **parameters))["population"]
    found = {name for name, people in PEOPLE.items() if people & population["staff_trained"]}
    assert (len(found), sum(PEOPLE[name] for name in found)) == (
        population["enterprises_trained"],
        population["staff_trained"],
    )
    return found


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"country": "BT"}, {"alpha", "beta"}),
        ({"phase_id": "phase"}, {"alpha", "gamma", "delta"}),
        ({"partnership_id": "partnership"}, {"alpha", "gamma"}),
        ({"module": "module"}, {"alpha", "gamma", "delta"}),
        ({"module": "other_module"}, {"alpha", "beta"}),
        ({"buyer_id": "sponsor"}, {"alpha", "gamma"}),
        ({"buyer_id": "buyer"}, {"beta"}),
        ({"buyer_id": "stranger"}, set()),
        ({"enterprise_id": "gamma"}, {"gamma"}),
        ({"isic": "0321"}, {"alpha", "gamma"}),
        ({"isic": "032"}, {"alpha", "beta", "gamma"}),
        ({"isic": "0322"}, {"beta"}),
        ({"isic": "03", "country": "BT"}, {"alpha", "beta"}),
        ({"isic": "0", "country": "TL"}, {"gamma", "delta"}),
        # together: of the same attendance
        ({"phase_id": "phase", "country": "BT"}, {"alpha"}),
        ({"phase_id": "phase", "module": "other_module"}, set()),
        ({"partnership_id": "partnership", "module": "module", "country": "TL", "isic": "03"}, {"gamma"}),
        ({"buyer_id": "sponsor", "module": "other_module"}, set()),
        ({"buyer_id": "buyer", "module": "other_module"}, {"beta"}),
        ({"buyer_id": "buyer", "phase_id": "phase"}, set()),
        ({"enterprise_id": "alpha", "partnership_id": "partnership"}, {"alpha"}),
        ({"enterprise_id": "beta", "partnership_id": "partnership"}, set()),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else None,
)
async def test_a_scope_is_about(api: Api, world: World, scope: dict[str, str], expected: set[str]) -> None:
    parameters = {name: world.get(value, value) for name, value in scope.items()}
    assert await trained(api, **parameters) == expected


async def test_a_phase_is_what_a_cycle_names_and_not_its_dates(api: Api, world: World) -> None:
    """Beta was trained within the dates of the phase, in a cycle that does not name it."""
    assert "beta" not in await trained(api, phase_id=world["phase"])
    assert "beta" in await trained(api, country="BT")


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2012-03-04", set()),
        ("2012-03-05", {"alpha", "gamma"}),
        ("2012-05-06", {"alpha", "gamma"}),
        ("2012-05-07", {"alpha", "gamma", "delta"}),
        ("2100-01-01", {"alpha", "gamma", "delta"}),
    ],
)
async def test_the_population_grows_with_the_day(api: Api, world: World, as_of: str, expected: set[str]) -> None:
    assert await trained(api, phase_id=world["phase"], as_of=as_of) == expected


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [("2012-05-31", set()), ("2012-06-01", {"beta"}), ("2012-12-31", {"beta"}), ("2013-01-01", set())],
)
async def test_a_supply_link_counts_on_the_days_it_holds(
    api: Api, world: World, as_of: str, expected: set[str]
) -> None:
    assert await trained(api, buyer_id=world["buyer"], as_of=as_of) == expected


async def test_visits_are_those_of_the_enterprises_and_cycles_in_scope(api: Api, world: World) -> None:
    for name, cycle in (("alpha", "both"), ("gamma", "both"), ("beta", "neither")):
        await visit(api, world[cycle], world[name], 7, "confirm", "done", done_on="2012-06-15")
    counts = {
        key: (await table(api, **{name: world[key]}))["population"]["visits"]
        for name, key in (("phase_id", "phase"), ("enterprise_id", "alpha"), ("module", "other_module"))
    }
    world["token"] = api.consistency or ""
    assert counts == {"phase": 2, "alpha": 1, "other_module": 1}
    before = await table(api, phase_id=world["phase"], as_of="2012-06-14")
    assert before["population"]["visits"] == 0


async def test_the_first_day_is_the_first_in_scope(api: Api) -> None:
    """In the scope of the second module the months before it are the base; in that of the first they are the follow-up."""
    ids = await make_enterprises(api, ["alpha"])
    first, second = await make_module(api), await make_module(api)
    for module, day in ((first, "2012-03-05"), (second, "2012-07-02")):
        cycle_id = await make_cycle(api, [ids["alpha"]], days=[day], module=module)
        await attend(api, cycle_id, [ids["alpha"]], days=[day])
    months = {"2012-02": 100, "2012-04": 50, "2012-05": 50, "2012-06": 50, "2012-08": 40}
    await report(api, ids, [defects("alpha", "monthly", period, above, 1000) for period, above in months.items()], [])
    rows = {module: row_of(await table(api, module=module), "KPI02") for module in (first, second)}
    # from 100 to (50 + 50 + 40) / 3, and from 50 to 40
    assert rows[first]["exact"]["mean_change"] == "-0.533333333333"
    assert rows[second]["exact"]["mean_change"] == "-0.200000000000"


def row_of(found: dict[str, Any], indicator: str) -> dict[str, Any]:
    return next(row for row in found["rows"] if row["indicator"] == indicator)


async def test_a_new_version_counts_only_once_it_is_approved(api: Api) -> None:
    """Until then the older approved one keeps counting."""
    ids = await make_enterprises(api, ["alpha"])
    cycle_id = await make_cycle(api, [ids["alpha"]], days=["2012-03-05"])
    await attend(api, cycle_id, [ids["alpha"]], days=["2012-03-05"])
    await report(api, ids, [defects("alpha", "baseline", "2012-02", 50, 1000)], [])
    await report(api, ids, [defects("alpha", "final", "2012-09", 40, 1000)], [])
    newer = {"period": "2012-09", "point": "final", "numerator": "25", "state": "submitted"}
    made = await api.make("/v1/observations", builders.observation(ids["alpha"], **newer))
    changes = [row_of(await table(api, enterprise_id=ids["alpha"]), "KPI02")["mean_change"]]
    await api.do(f"/v1/observations/{made['id']}", "approve")
    changes.append(row_of(await table(api, enterprise_id=ids["alpha"]), "KPI02")["mean_change"])
    assert changes == [-20, -50]


async def test_missing_rates_are_all_named_and_there_is_no_table_until_they_are_there(api: Api) -> None:
    ids = await make_enterprises(api, ["alpha"])
    cycle_id = await make_cycle(api, [ids["alpha"]], days=["2012-03-05"])
    await attend(api, cycle_id, [ids["alpha"]], days=["2012-03-05"])
    wanted = [("BTN", "2012-04"), ("BTN", "2012-05"), ("TOP", "2012-06")]
    await report(api, ids, [], [saved("alpha", month, "100.00", currency) for currency, month in wanted])
    refused = await api.get("/v1/results", params={"enterprise_id": ids["alpha"], "as_of": AS_OF})
    assert (refused.status_code, refused.json()["code"]) == (409, "exchange-rate-missing")
    places = [place["detail"] for place in refused.json()["errors"]]
    assert [(currency in place, month in place) for place, (currency, month) in zip(places, wanted, strict=True)] == [
        (True, True)
    ] * 3
    # before the months have ended nothing is missed
    await table(api, enterprise_id=ids["alpha"], as_of="2012-04-29")
    await set_rates(api, [{"currency": currency, "month": month, "per_usd": "2"} for currency, month in wanted])
    assert row_of(await table(api, enterprise_id=ids["alpha"]), "KPI01")["mean_amount"] == "150.00"
