"""Tables told at different times or of different days: what lies between two of them is nobody or enough."""

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

AUTUMN = "2012-09-30"


async def test_late_reports_are_told_of_when_enough_have_come(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 11, "AG")
    phase = await phase_of(api, "AG")
    await train(api, ids, "AG", phase_id=phase)
    await report_defects(api, ids[:6])
    donor = await client_of("donor")
    first = await table(donor, country="AG")
    await report_defects(api, ids[6:8], [10, 10])
    await after(donor, api)
    second = await table(donor, country="AG")
    assert (first["rows"], first["population"]) == (second["rows"], second["population"])
    assert is_silent(await row(donor, phase_id=phase))  # the same enterprises under another name
    over_trained = await row(donor, country="AG", denominator="trained")
    assert (over_trained["reporters"], over_trained["exact"]["share"]) == (6, "6/11")
    assert (await row(api, country="AG"))["reporters"] == 8
    await report_defects(api, ids[8:], [10, 10, 10])
    await after(donor, api)
    assert await row(donor, country="AG") == await row(api, country="AG")
    assert (await row(donor, phase_id=phase))["reporters"] == 11


async def six_by_autumn_and_two_later(api: Api, country: str) -> None:
    ids = await make_enterprises(api, 8, country)
    await train(api, ids, country)
    await report_defects(api, ids[:6], month="2012-08")
    await report_defects(api, ids[6:], month="2012-11")


async def test_another_quarter_is_told_if_it_differs_by_nobody_or_enough(api: Api, client_of: ClientOf) -> None:
    await six_by_autumn_and_two_later(api, "BB")
    donor = await client_of("donor")
    assert (await row(donor, country="BB", as_of=AUTUMN))["reporters"] == 6
    assert is_silent(await row(donor, country="BB"))
    assert (await row(donor, country="BB", as_of=AUTUMN))["reporters"] == 6
    assert (await table(donor, country="BB"))["population"]["enterprises_trained"] == 8  # who was trained is the same
    assert (await row(api, country="BB"))["reporters"] == 8


async def test_what_was_told_first_stands_whichever_it_is(api: Api, client_of: ClientOf) -> None:
    await six_by_autumn_and_two_later(api, "BS")
    donor, other = await client_of("donor"), await client_of("donor")
    assert (await row(donor, country="BS"))["reporters"] == 8
    assert is_silent(await row(donor, country="BS", as_of=AUTUMN))
    assert is_silent(await row(other, country="BS", as_of=AUTUMN))


async def test_one_reporter_that_says_something_new_is_not_told_of(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 6, "BZ")
    await train(api, ids, "BZ")
    await report_defects(api, ids, month="2012-08")
    donor = await client_of("donor")
    told = await row(donor, country="BZ", as_of=AUTUMN)
    assert (await row(donor, country="BZ"))["exact"] == told["exact"]
    await report_defects(api, ids[:1], [5], month="2012-11")
    await after(donor, api)
    assert (await row(donor, country="BZ"))["exact"] == told["exact"]
    assert (await row(api, country="BZ"))["exact"] != told["exact"]


async def test_what_a_mean_moves_by_is_not_of_one(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 12, "CR")
    await train(api, ids, "CR")
    await report_savings(api, dict.fromkeys(ids[:6], "100.00"), month="2012-08")
    donor = await client_of("donor")
    assert (await row(donor, "KPI01", country="CR", as_of=AUTUMN))["mean_amount"] == "100.00"
    late = dict(zip(ids[6:], ["4000.00", *["90.00"] * 5], strict=True))
    await report_savings(api, late, month="2012-11")
    await report_savings(api, dict.fromkeys(ids[:5], "900.00"), month="2012-10", reference="more")
    await after(donor, api)
    assert (await row(donor, "KPI01", country="CR"))["mean_amount"] == "796.00"
    assert (await row(donor, "KPI01", country="CR"))["reporters"] == 12


async def test_a_mean_that_one_moves_alone_is_not_told(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 12, "CU")
    await train(api, ids, "CU")
    await report_savings(api, dict.fromkeys(ids[:6], "1000.00"), month="2012-08")
    donor = await client_of("donor")
    assert (await row(donor, "KPI01", country="CU", as_of=AUTUMN))["mean_amount"] == "1000.00"
    await report_savings(api, dict(zip(ids[6:], ["3000.00", *["10.00"] * 5], strict=True)), month="2012-11")
    shown = await row(await after(donor, api), "KPI01", country="CU")
    assert (shown["reporters"], shown["improved"], shown["mean_amount"], shown["suppressed"]) == (12, 12, None, False)
    assert (await row(api, "KPI01", country="CU"))["mean_amount"] == "754.00"


async def test_a_buyer_learns_nothing_by_taking_suppliers_one_by_one(api: Api, client_of: ClientOf) -> None:
    ids, organisation = await make_enterprises(api, 11, "DO"), await make_buyer(api)
    partnership = await partnership_of(api, "DO", organisation)
    await train(api, ids[:5], "DO", partnership_id=partnership)
    await train(api, ids[5:], "DO")
    await report_defects(api, ids, [*[40] * 5, 1, *[40] * 5])
    buyer = await client_of("buyer", organisation_id=organisation)
    told = await row(buyer, buyer_id=organisation)
    assert told["reporters"] == 5
    link = await api.make("/v1/supply-links", builders.supply_link(organisation, ids[5]))
    await api.do(f"/v1/supply-links/{link['id']}", "confirm")
    await after(buyer, api)
    assert await row(buyer, buyer_id=organisation) == told
    assert is_silent(await row(buyer, buyer_id=organisation, country="DO"))
    await agree(api, ids[5:6], organisation)
    await after(buyer, api)
    assert (await row(buyer, buyer_id=organisation))["reporters"] == 6


async def test_a_part_that_was_told_is_not_given_a_rest_of_few_later(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 9, "EC")
    phase = await phase_of(api, "EC")
    await train(api, ids[:7], "EC", phase_id=phase)
    await train(api, ids[7:], "EC")
    await report_defects(api, ids[:7], month="2012-08")
    await report_defects(api, ids[7:], month="2012-11")
    donor = await client_of("donor")
    assert (await row(donor, phase_id=phase, as_of=AUTUMN))["reporters"] == 7
    assert is_silent(await row(donor, country="EC"))
    assert (await row(donor, phase_id=phase, as_of=AUTUMN))["reporters"] == 7


async def test_who_lies_beside_a_late_report_is_told_as_before(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 13, "SV")
    one, other = await phase_of(api, "SV"), await phase_of(api, "SV")
    await train(api, ids[:7], "SV", phase_id=one)
    await train(api, ids[7:], "SV", phase_id=other)
    await report_defects(api, [*ids[:6], *ids[7:]])
    donor = await client_of("donor")
    told = [await row(donor, phase_id=phase) for phase in (one, other)]
    assert [line["reporters"] for line in told] == [6, 6]
    await report_defects(api, ids[6:7], [1])
    await after(donor, api)
    await row(donor, country="SV")
    assert [await row(donor, phase_id=phase) for phase in (one, other)] == told
    assert is_silent(await row(donor, country="SV"))  # or the late one were the rest of the two


async def test_what_was_told_of_too_few_for_today_is_not_told_again(api: Api, client_of: ClientOf) -> None:
    ids = await make_enterprises(api, 7, "HT")
    await train(api, ids, "HT")
    await report_defects(api, ids[:6])
    donor = await client_of("donor")
    assert (await row(donor, country="HT"))["reporters"] == 6
    await report_defects(api, ids[6:])
    assert (await row(await after(donor, api), country="HT"))["reporters"] == 6
    policy = await api.get("/v1/country-policies/HT")
    match = {"If-Match": policy.headers["ETag"]}
    raised = await api.patch("/v1/country-policies/HT", json={"small_cell_threshold": 7}, headers=match)
    assert raised.status_code == 200
    assert is_silent(await row(await after(donor, api), country="HT"))


async def test_what_consents_open_to_one_is_not_told_again_to_others(api: Api, client_of: ClientOf) -> None:
    ids, organisation = await make_enterprises(api, 10, "JM"), await make_buyer(api)
    phase = await phase_of(api, "JM")
    await train(api, ids[:8], "JM", phase_id=phase)
    await train(api, ids[8:], "JM")
    await report_defects(api, ids[:7])
    await agree(api, ids[8:], organisation)
    trusted, other = await client_of("donor", organisation_id=organisation), await client_of("donor")
    told = await row(await after(trusted, api), phase_id=phase)
    assert (told["reporters"], told["trained"]) == (7, 8)
    await report_defects(api, ids[7:8])
    told = await row(await after(other, api), phase_id=phase)
    assert (told["reporters"], told["trained"], told["coverage"]) == (7, None, None)
