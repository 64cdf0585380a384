"""`q`: found by a part of a name, in any script, with a letter wrong."""

from uuid import uuid4

import pytest

from services.enterprise_svc.enterprises.names import errors_between, fragment_of, fragments_of, searchable
from tests import builders
from tests.conftest import Api, System
from tests.enterprise.test_list_enterprises import ids, made


def letters() -> str:
    """A word of letters that no other test has."""
    return "".join("ghijklmnopqrstuv"[int(digit, 16)] for digit in uuid4().hex[:9])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Textiles Peñón S.A.", " textiles penon s a "),
        ("琥珀蒼鷺", " 琥 珀 苍 鹭  hupocanglu "),
        ("ООО «Ромашка»", " ооо ромашка  ooo romashka "),
        ("Đại Lộc", " dai loc "),
        ("加潣溅", " 加 𫞗 溅  jiaminjian "),
        ("한국섬유 2", " 한 국 섬 유 2  hangugseomyu "),
    ],
)
def test_names_are_kept_as_words_in_their_script_and_in_latin(name: str, text: str) -> None:
    assert searchable([name]) == text


def test_numbers_and_short_words_are_not_guessed_at() -> None:
    assert [(one.word, one.wrong) for one in fragments_of("ab silk heron footwears 2012345 t1234567")] == [
        ("ab", 0), ("silk", 1), ("heron", 1), ("footwears", 2), ("2012345", 0), ("t1234567", 0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant", "wrong"),
    [
        ("herron", "heron", 1),
        ("ambr", "amber", 1),
        ("ehron", "heron", 1),
        ("garmnest", "garments", 0),
        ("confecsionse", "confecciones", 2),
        ("silk", "milk", 0),
        ("silk", "sill", 0),
        ("amber", "umber", 0),
        ("amber", "amber", 0),
    ],
)
def test_what_may_have_been_meant(typed: str, meant: str, wrong: int) -> None:
    assert errors_between(fragment_of(typed), meant) == wrong


async def test_a_part_of_any_name_in_any_script(api: Api) -> None:
    word, han = letters(), "".join(chr(0x4E00 + digit * 37 % 20_000) for digit in uuid4().bytes[:5])
    one = await made(
        api, legal_name=f"{word} Peñón Đại", local_name=f"{han}服装", trade_names=["Ромашка " + word[::-1]]
    )
    for question in (
        word[2:7],
        word.upper(),
        f"PENON {word}",
        f"dai {word[:4]}",
        f"{word} pe",
        word[::-1],
        f"romash {word}",
    ):
        assert one in await ids(api, q=question), question
    for question in (han, han[1:3], han[2], f"{han[4]}服", f"{han[:2]}丁{han[3:]}"):
        assert one in await ids(api, q=question, sort="-created_at", limit="500"), question
    for question in (f"{word} silk", f"{han[1]}{han[0]}{han[2]}", "%", "_", f"{word[:3]}%%{word[2:]}x", "«»"):
        assert one not in await ids(api, q=question), question


async def test_a_letter_may_be_wrong_and_words_stand_in_any_order(api: Api) -> None:
    word, other = letters(), letters()
    one = await made(api, legal_name=f"{word} {other} Garments")
    swapped = word[:3] + word[4] + word[3] + word[5:]
    for wrong in (
        swapped,
        word[:4] + word[5:],
        f"{word[:4]}e{word[4:]}",
        f"{word[:4]}e{word[5:]}",
        word[1::-1] + word[2:-1] + "e",
    ):
        assert await ids(api, q=f"{other} {wrong}") == [one], wrong
    assert await ids(api, q=f"eee{word[3:]}") == []


async def test_a_new_name_is_found_and_the_old_is_not(api: Api) -> None:
    old, new = letters(), letters()
    one = await made(api, legal_name=f"{old} Works")
    changed = {"legal_name": f"{new} Works"}
    assert (await api.patch(f"/v1/enterprises/{one}", json=changed, headers={"If-Match": '"1"'})).status_code == 200
    wrong = new[:4] + new[5:]
    assert (await ids(api, q=old), await ids(api, q=wrong)) == ([], [one])
    ref = builders.unique()
    file = f"external_ref,legal_name,country\n{ref},{old} Mills,CN\n"
    assert (await api.load("/v1/enterprises/imports", file))["summary"]["created"] == 1
    assert len(await ids(api, q=old[:4] + old[5:])) == 1


READ_BY = """
    select count(*) from pg_stat_activity
    where application_name = 'score reader' and datname = current_database() and query like '%FROM enterprises%' and query like $1
"""


async def test_a_search_is_asked_where_it_is_planned_with_its_pattern_in_view(api: Api, system: System) -> None:
    """Connections that plan for any pattern would walk through a million in the order of time."""
    for params in ({"country": "GH"}, {"q": f"{builders.unique()} garment"}):
        assert (await api.get("/v1/enterprises", params=params)).status_code == 200
    database = await system.connect("enterprise")
    try:
        assert await database.fetchval(READ_BY, "%country%")
        assert not await database.fetchval(READ_BY, "%searchable LIKE%")
    finally:
        await database.close()
