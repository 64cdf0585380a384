"""What buyers, donors and enterprises are shown, through the gateway. Each test has a country of its own."""

import pytest

from tests import builders
from tests.cells.loading import (
    after,
    agree,
    is_silent,
    make_enterprises,
    partnership_of,
    phase_of,
    report_defects,
    report_savings,
    row,
    table,
    train,
)
from tests.conftest import Api, ClientOf
from tests.results.loading import make_buyer

Seen = dict[str, str]


async def test_a_cell_is_shown_from_the_threshold_on(api: Api, client_of: ClientOf) -> None:
    four, five = await make_enterprises(api, 4, "NU"), await make_enterprises(api, 5, "TV")
    for country, ids in (("NU", four), ("TV", five)):
        await train(api, ids, country)
        await report_defects(api, ids)
    donor = await client_of("donor")
    assert is_silent(await row(donor, country="NU"))
    assert (await table(donor, country="NU"))["population"] == {
        "enterprises_trained": None,
        "staff_trained": None,
        "visits": None,
        "enterprises_reporting": None,
    }
    shown = await row(donor, country="TV")
    assert (shown["reporters"], shown["share"], shown["mean_change"]) == (5, 100, -20)
    assert shown == await row(api, country="TV")
    assert (await row(api, country="NU"))["reporters"] == 4


async def test_what_would_leave_too_few_is_hidden_and_so_is_whatever_tells_of_it(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 8, "WS")
    phase = await phase_of(api, "WS")
    await train(api, ids[:6], "WS", phase_id=phase)
    await train(api, ids[6:], "WS")
    await report_defects(api, ids)
    donor = await client_of("donor")
    assert (await row(donor, country="WS"))["reporters"] == 8
    assert is_silent(await row(donor, country="WS", phase_id=phase))
    assert is_silent(await row(donor, phase_id=phase))


async def test_a_country_whose_policy_asks_for_more_is_shown_from_there_on(api: Api, client_of: ClientOf) -> None:
    policy = await api.get("/v1/country-policies/TO")
    match = {"If-Match": policy.headers["ETag"]}
    assert (
        await api.patch("/v1/country-policies/TO", json={"small_cell_threshold": 7}, headers=match)
    ).status_code == 200
    six, seven = await make_enterprises(api, 6, "TO"), await make_enterprises(api, 7, "TO")
    small, large = await phase_of(api, "TO"), await phase_of(api, "TO")
    await train(api, six, "TO", phase_id=small)
    await train(api, seven, "TO", phase_id=large)
    await report_defects(api, [*six, *seven])
    donor = await client_of("donor")
    assert is_silent(await row(donor, phase_id=small))
    assert is_silent(await row(donor, phase_id=large))  # or the difference to the country would tell of six
    assert (await row(donor, country="TO"))["reporters"] == 13


async def test_a_mean_that_one_makes_alone_is_not_told(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 6, "KI")
    await train(api, ids, "KI")
    await report_savings(api, dict(zip(ids, ["9000.00", *["100.00"] * 5], strict=True)))
    donor = await client_of("donor")
    shown = await row(donor, "KPI01", country="KI")
    assert (shown["reporters"], shown["share"], shown["suppressed"]) == (6, 100, False)
    assert (shown["mean_amount"], shown["exact"]["mean_amount"]) == (None, None)
    assert (await row(api, "KPI01", country="KI"))["mean_amount"] == "1583.00"


async def test_consents_of_all_open_a_small_cell_until_one_is_withdrawn(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 3, "PW")
    buyer = await make_buyer(api)
    partnership = await partnership_of(api, "PW", buyer)
    await train(api, ids, "PW", partnership_id=partnership)
    await report_defects(api, ids, [40, 45, 60])
    donor = await client_of("donor")
    assert is_silent(await row(donor, partnership_id=partnership))
    consents = await agree(api, ids[:2])
    assert is_silent(await row(await after(donor, api), partnership_id=partnership))
    consents += await agree(api, ids[2:], scope="case_study")
    shown = await row(await after(donor, api), partnership_id=partnership)
    assert (shown["reporters"], shown["improved"], shown["exact"]["share"]) == (3, 2, "2/3")
    await api.do(f"/v1/consents/{consents[0]}", "withdraw")
    assert is_silent(await row(await after(donor, api), partnership_id=partnership))


async def test_a_consent_opens_a_cell_for_whom_it_was_given_only(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 3, "FM")
    await train(api, ids, "FM")
    await report_defects(api, ids)
    organisation = await make_buyer(api)
    await agree(api, ids, organisation)
    assert (await row(await client_of("donor", organisation_id=organisation), country="FM"))["reporters"] == 3
    assert is_silent(await row(await client_of("donor"), country="FM"))


async def test_consents_of_some_uncover_nobody_else(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 8, "MH")
    phase = await phase_of(api, "MH")
    await train(api, ids[:3], "MH", phase_id=phase)
    await train(api, ids[3:6], "MH", partnership_id=(await partnership_of(api, "MH")))
    await train(api, ids[6:], "MH")
    await report_defects(api, ids)
    await agree(api, ids[:3])
    donor = await client_of("donor")
    assert (await row(donor, country="MH"))["reporters"] == 8
    assert (await row(donor, phase_id=phase))["reporters"] == 3  # five others are left


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"as_of": "2012-12-30"},
        {"as_of": "2012-11-30"},
        {"as_of": "2099-12-31"},
        {"isic": "1"},
        {"isic": "141"},
        {"isic": "14", "phase": "yes"},
        {"module": "M1"},
        {"mean_over": "reporters"},
        {"buyer": "yes"},
        {"enterprise": "yes"},
    ],
)
async def test_another_scope_or_day_is_not_offered(api: Api, client_of: ClientOf, asked: dict[str, str]) -> None:
    donor = await client_of("donor")
    parameters = {name: value for name, value in asked.items() if value != "yes"}
    if "phase" in asked:
        parameters["phase_id"] = await phase_of(api, "CN")
    if "buyer" in asked:
        parameters["buyer_id"] = await make_buyer(api)
    if "enterprise" in asked:
        parameters["enterprise_id"] = (await make_enterprises(api, 1, "CN"))[0]
    if set(asked) - {"isic"} and "buyer" not in asked and "enterprise" not in asked:
        parameters.setdefault("country", "CN")
    refused = await donor.get("/v1/results", params={"as_of": "2012-12-31"} | parameters)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-not-offered"), refused.text
    if "as_of" in asked:
        assert [one["detail"] for one in refused.json()["errors"]] == [
            "Say the last day of a quarter that is over, for instance 2012-12-31."
        ]
    assert (await api.get("/v1/results", params={"as_of": "2012-12-31"} | parameters)).status_code == 200


async def test_a_buyer_asks_for_its_own_suppliers_only(api: Api, client_of: ClientOf) -> None:
    ids, organisation = await make_enterprises(api, 5, "NR"), await make_buyer(api)
    await train(api, ids, "NR")
    await report_defects(api, ids)
    for id in ids:
        link = await api.make("/v1/supply-links", builders.supply_link(organisation, id))
        await api.do(f"/v1/supply-links/{link['id']}", "confirm")
    buyer, other = await client_of("buyer", organisation_id=organisation), await client_of("buyer")
    assert (await row(buyer, buyer_id=organisation, country="NR"))["reporters"] == 5
    refused = await other.get("/v1/results", params={"buyer_id": organisation, "as_of": "2012-12-31"})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-not-offered")


async def test_an_enterprise_sees_all_of_itself_and_others_as_anybody_does(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 2, "VU")
    await train(api, ids, "VU")
    await report_defects(api, ids)
    own = await client_of("enterprise", enterprise_id=ids[0])
    shown = await table(own, enterprise_id=ids[0], as_of="2012-11-17")
    assert shown == await table(api, enterprise_id=ids[0], as_of="2012-11-17") | {"fresh_as_of": shown["fresh_as_of"]}
    assert shown["population"]["enterprises_trained"] == 1
    refused = await own.get("/v1/results", params={"enterprise_id": ids[1]})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-not-offered")
    assert is_silent(await row(own, country="VU"))


async def test_a_buyer_sees_a_consenting_enterprise_and_leaves_a_receipt(api: Api, client_of: ClientOf) -> None:
    [id], organisation = await make_enterprises(api, 1, "SB"), await make_buyer(api)
    await train(api, [id], "SB")
    await report_defects(api, [id])
    [consent] = await agree(api, [id], organisation, "identified_kpi")
    buyer = await client_of("buyer", organisation_id=organisation)
    assert (await row(buyer, enterprise_id=id))["exact"]["mean_change"] == "-0.200000000000"
    log = (await (await after(api, buyer)).get(f"/v1/enterprises/{id}/access-log")).json()["items"]
    assert [(one["organisation_id"], one["consent_ids"]) for one in log] == [(organisation, [consent])]
    await api.do(f"/v1/consents/{consent}", "withdraw")
    gone = await (await after(buyer, api)).get("/v1/results", params={"enterprise_id": id})
    assert (gone.status_code, gone.json()["code"]) == (403, "scope-not-offered")


async def test_the_word_given_is_kept_when_more_report(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 12, "GD")
    early, late = await phase_of(api, "GD"), await phase_of(api, "GD")
    await train(api, ids[:6], "GD", phase_id=early)
    await train(api, ids[6:], "GD", phase_id=late)
    await report_defects(api, [*ids[:6], *ids[6:10]])
    donor = await client_of("donor")
    assert (await row(donor, country="GD"))["reporters"] == 10
    assert is_silent(await row(donor, phase_id=late))
    await report_defects(api, ids[10:])
    await after(donor, api)
    assert (await row(donor, country="GD"))["reporters"] == 10  # two more would be told of by the difference
    assert is_silent(await row(donor, phase_id=late))
    assert is_silent(await row(donor, phase_id=early))


async def test_what_nobody_has_asked_for_is_decided_when_it_is(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 5, "LC")
    await train(api, ids, "LC")
    await report_defects(api, ids[:4])
    donor = await client_of("donor")
    await table(donor, country="CN")
    await report_defects(api, ids[4:])
    assert (await row(await after(donor, api), country="LC"))["reporters"] == 5


async def test_savings_of_too_few_do_not_say_how_they_recur(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 6, "DM")
    await train(api, ids, "DM")
    await report_savings(api, dict.fromkeys(ids[:2], "100.00"), recurrence="annual")
    donor = await client_of("donor")
    rows = [one for one in (await table(donor, country="DM"))["rows"] if one["indicator"] == "KPI01"]
    assert [(one["recurrence"], is_silent(one)) for one in rows] == [(None, True)]


async def test_recurrences_are_told_apart_where_each_has_enough(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 13, "VC")
    await train(api, ids, "VC")
    await report_savings(api, dict.fromkeys(ids[:6], "100.00"), recurrence="annual")
    await report_savings(api, dict.fromkeys(ids[6:], "300.00"), recurrence="one_off")
    donor = await client_of("donor")
    rows = [one for one in (await table(donor, country="VC"))["rows"] if one["indicator"] == "KPI01"]
    told = [(one["recurrence"], one["reporters"], one["mean_amount"]) for one in rows]
    assert told == [(None, 13, None), ("one_off", 7, "300.00"), ("annual", 6, "100.00")]
