"""A registry of any size, written by SQL: as many enterprises as told, and what roles see of them.

What one buyer, provider or trainer sees is as much in a large registry as in a small one: 100 enterprises.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from anyascii import anyascii

from services.enterprise_svc.matching.commands import KEPT
from services.enterprise_svc.matching.likeness.blocking import Sought
from tests.matching.scores import Enterprise

AT_ONCE = 20_000
NOBODY = UUID(int=0)
SEEN = 100
RARE = "LU"  # the country of one enterprise in ten thousand
SYLLABLES = ("ba", "do", "fe", "gu", "ka", "lo", "me", "ni", "pa", "ro", "se", "tu", "va", "zo", "bi", "du")
CHARACTERS = "巴多飞古卡洛美尼帕罗赛图瓦佐比杜"
COUNTRIES = ("CN", "IN", "ID", "VN", "GH", "ZA", "CO", "PE", "BO", "TR", "MM", "ET", "KE", "BD")
OF_INTEREST = UUID("018f0c5e-7f00-7000-8000-00000000000a")  # buyer, provider and partner
TRAINER = UUID("018f0c5e-7f00-7000-8000-00000000000b")
PARTNERSHIP = UUID("018f0c5e-7f00-7000-8000-00000000000c")

INDEXES = """
select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as made_by from pg_index
where indrelid = $1::text::regclass and not indisunique
"""
# the n-th was registered n seconds after the first, and amended at some other time; its name is of two words and a trade, the
# first word one of 65,536, the second one of 4,096; in China it has a Chinese one, too, which is also searched as it reads
ENTERPRISES = """
insert into enterprises (id, version, created_at, updated_at, created_by, external_ref, legal_name, local_name, country,
  trade_names, subdivision, address, isic, languages, identifiers, workforce, state, searchable, attended, assessed_by_hand)
select uuidv7(make_interval(secs => n - $1)), 1, now() + make_interval(secs => n - $1),
  now() + make_interval(secs => (n::bigint * 7919 % $1) - $1), 'bench', 'bench-' || n, name,
  case country when 'CN' then array_to_string(chinese, '') end, country, '{}',
  null, jsonb_build_object('street', n || ' Mill Road', 'city', 'City ' || n % 500),
  (1000 + n / 84 % 230 * 10)::text, '{en}', array['gln:' || lpad(n::text, 13, '0')],
  jsonb_build_object('as_of', '2024-01-31', 'total', 10 + n % 240, 'women', n % 10, 'managers', 2),
  case when n % 1000 = 0 then 'withdrawn'
    else (array['registered','eligible','enrolled','active','active','completed'])[1 + n / 14 % 6] end,
  ' ' || lower(name) || ' ' || case country when 'CN'
    then E'\n ' || array_to_string(chinese, ' ') || '  ' || reading || ' ' else '' end,
  false, false
from (
  select n, case when n % 10000 = 5000 then $3 else ($2::text[])[1 + n % array_length($2::text[], 1)] end as country,
    array[c[h & 15], c[h >> 4 & 15], c[h >> 8 & 15], c[h >> 12 & 15]] as chinese,
    r[h & 15] || r[h >> 4 & 15] || r[h >> 8 & 15] || r[h >> 12 & 15] as reading,
    initcap(s[h & 15] || s[h >> 4 & 15] || s[h >> 8 & 15] || s[h >> 12 & 15]) || ' '
    || initcap(s[h >> 16 & 15] || s[h >> 20 & 15] || s[h >> 24 & 15]) || ' '
    || (array['Garments','Footwear','Castings','Furniture','Textiles','Foods'])[1 + n::bigint * 13 % 6] as name
  from (
    select n, hashint4(n) as h, ('[0:15]=' || $4::text)::text[] as s, ('[0:15]=' || $5::text)::text[] as c,
      ('[0:15]=' || $6::text)::text[] as r
    from generate_series(1, $1::int) as n
  ) as drawn
) as numbered
"""
WORDS = r"""
insert into name_words (word)
select distinct word from enterprises, regexp_split_to_table(searchable, '\s+') as word
where word ~ '^[a-z]{4,30}$'
"""
FACTS = """
select id, legal_name, local_name, country, address, identifiers from enterprises
where id > $1 and not exists (select from match_keys where enterprise_id = enterprises.id) order by id limit $2
"""
ORGANISATION = """
insert into organisations (id, version, created_at, updated_at, created_by, name, kind, country, identifiers, member_of, open_to)
values ($1, 1, now(), now(), 'bench', 'Bench', 'lead_buyer', 'NL', '[]', '{}', '{}')
"""
# every SEEN of them, spread over the whole registry
SPREAD = """
select id, country, row_number() over () as n
from (select id, country from enterprises where identifiers && $1) as wanted
"""
CYCLE = """
insert into cycle_views (id, version, provider_id, lead_trainer_id, co_trainer_ids, enterprise_ids)
select uuidv7(), 1, $2, $3, '{{}}', array_agg(id) from ({spread}) as spread group by n / 10
"""
CONSENTS = """
insert into consents (id, version, created_at, updated_at, created_by, enterprise_id, country, grantee_id, scope, since, covers)
select uuidv7(), 1, now(), now(), 'bench', id, country, $2, 'identified_kpi', '2024-01-01', array[id] from ({spread}) as spread
"""
LINKS = """
insert into supply_links (id, version, created_at, updated_at, created_by, enterprise_id, country, buyer_id, tier, since, state,
  confirmed)
select uuidv7(), 1, now(), now(), 'bench', id, country, $2, 1, '2024-01-01', 'confirmed', true from ({spread}) as spread
"""
PARTNERSHIPS = """
insert into partnerships (id, version, created_at, updated_at, created_by, name, parties, countries, starts_on, state)
values ($1, 1, now(), now(), 'bench', 'Bench', '[]', '{CN}', '2024-01-01', 'active')
"""
NOMINATIONS = """
insert into nominations (id, version, created_at, updated_at, created_by, partnership_id, enterprise_id, country, party_ids,
  state, expires_at)
select uuidv7(), 1, now(), now(), 'bench', $3, id, country, array[$2::uuid], 'accepted', now() from ({spread}) as spread
"""


@dataclass(frozen=True)
class Registry:
    """What requests may ask for."""

    some_id: UUID
    identifier: str


async def fill(database: "asyncpg.Connection[asyncpg.Record]", count: int) -> Registry:
    """As the database's administrator."""
    sounds = ("{" + ",".join(some) + "}" for some in (SYLLABLES, CHARACTERS, map(reading_of, CHARACTERS)))
    async with without_indexes(database, "enterprises"):
        await database.execute(ENTERPRISES, count, list(COUNTRIES), RARE, *sounds)
    await relate(database, count)
    await database.execute("vacuum analyze")
    middle = await database.fetchrow(
        "select id, identifiers from enterprises order by created_at limit 1 offset $1", count // 2
    )
    assert middle is not None
    return Registry(middle["id"], middle["identifiers"][0])


@asynccontextmanager
async def without_indexes(database: "asyncpg.Connection[asyncpg.Record]", table: str) -> AsyncIterator[None]:
    """Indexes of a large table are made afterwards, all at once, which is faster."""
    indexes = await database.fetch(INDEXES, table)
    for index in indexes:
        await database.execute(f"drop index {index['name']}")
    await database.execute(f"alter table {table} disable trigger all")
    yield
    await database.execute(f"alter table {table} enable trigger all")
    for index in indexes:
        await database.execute(index["made_by"])


def reading_of(character: str) -> str:
    return anyascii(character).lower()


async def make_findable(database: "asyncpg.Connection[asyncpg.Record]") -> None:
    """By the keys under which likely duplicates are looked up, and by words that are typed wrongly."""
    if not await database.fetch(FACTS, NOBODY, 1):
        return
    made_by = await database.fetchval("select pg_get_indexdef('match_keys_keys'::regclass)")
    await database.execute("drop index match_keys_keys")
    last = NOBODY
    while some := await database.fetch(FACTS, last, AT_ONCE):
        sought = ((row["id"], Sought.of(known(row))) for row in some)
        rows = [(id, one.keys, one.keys_around) for id, one in sought]
        await database.copy_records_to_table("match_keys", records=rows, columns=("enterprise_id", *KEPT))
        last = some[-1]["id"]
    await database.execute(made_by)
    await database.execute(WORDS)
    await database.execute("vacuum analyze match_keys, name_words")


def known(row: asyncpg.Record) -> Enterprise:
    names = {"legal_name": row["legal_name"], "local_name": row["local_name"]}
    address = json.loads(row["address"])
    return Enterprise(**names, country=row["country"], address=address, identifiers=row["identifiers"])


async def relate(database: "asyncpg.Connection[asyncpg.Record]", count: int) -> None:
    step = count // SEEN
    spread = [f"gln:{n:013d}" for n in range(step, count + 1, step)]
    await database.execute(ORGANISATION, OF_INTEREST)
    await database.execute(PARTNERSHIPS, PARTNERSHIP)
    await database.execute(CYCLE.format(spread=SPREAD), spread, OF_INTEREST, TRAINER)
    await database.execute(CONSENTS.format(spread=SPREAD), spread, OF_INTEREST)
    await database.execute(LINKS.format(spread=SPREAD), spread, OF_INTEREST)
    await database.execute(NOMINATIONS.format(spread=SPREAD), spread, OF_INTEREST, PARTNERSHIP)
