"""A registry of any size, written by SQL: as many enterprises as told, and what roles see of them.

What one buyer, provider or trainer sees is as much in a large registry as in a small one: 100 enterprises.
"""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

SEEN = 100
RARE = "LU"  # the country of one enterprise in ten thousand
COUNTRIES = ("CN", "IN", "ID", "VN", "GH", "ZA", "CO", "PE", "BO", "TR", "MM", "ET", "KE", "BD")
OF_INTEREST = UUID("018f0c5e-7f00-7000-8000-00000000000a")  # buyer, provider and partner
TRAINER = UUID("018f0c5e-7f00-7000-8000-00000000000b")
PARTNERSHIP = UUID("018f0c5e-7f00-7000-8000-00000000000c")

INDEXES = """
select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as made_by from pg_index
where indrelid = 'enterprises'::regclass and not indisunique
"""
# the n-th was registered n seconds after the first, and amended at some other time
ENTERPRISES = """
insert into enterprises (id, version, created_at, updated_at, created_by, external_ref, legal_name, country, trade_names,
  subdivision, address, isic, languages, identifiers, workforce, state, searchable, attended, assessed_by_hand)
select uuidv7(make_interval(secs => n - $1)), 1, now() + make_interval(secs => n - $1),
  now() + make_interval(secs => (n::bigint * 7919 % $1) - $1), 'bench', 'bench-' || n, name,
  case when n % 10000 = 5000 then $3 else ($2::text[])[1 + n % array_length($2::text[], 1)] end, '{}',
  null, jsonb_build_object('street', n || ' Mill Road', 'city', 'City ' || n % 500),
  (1000 + n / 84 % 230 * 10)::text, '{en}', array['gln:' || lpad(n::text, 13, '0')],
  jsonb_build_object('as_of', '2024-01-31', 'total', 10 + n % 240, 'women', n % 10, 'managers', 2),
  case when n % 1000 = 0 then 'withdrawn'
    else (array['registered','eligible','enrolled','active','active','completed'])[1 + n / 14 % 6] end,
  lower(name), false, false
from (select n, 'Synthetic ' || (array['Amber','Heron','Cedar','Delta','Ember','Fjord','Grove'])[1 + n % 7] || ' '
  || (array['Garments','Footwear','Castings','Furniture','Textiles','Foods'])[1 + n * 13 % 6] || ' ' || md5(n::text) as name
  from generate_series(1, $1::int) as n) as numbered
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
    """As the database's administrator. Its indexes are made afterwards, all at once, which is faster."""
    indexes = await database.fetch(INDEXES)
    for index in indexes:
        await database.execute(f"drop index {index['name']}")
    await database.execute("alter table enterprises disable trigger all")
    await database.execute(ENTERPRISES, count, list(COUNTRIES), RARE)
    await database.execute("alter table enterprises enable trigger all")
    for index in indexes:
        await database.execute(index["made_by"])
    await relate(database, count)
    await database.execute("vacuum analyze")
    middle = await database.fetchrow(
        "select id, identifiers from enterprises order by created_at limit 1 offset $1", count // 2
    )
    assert middle is not None
    return Registry(middle["id"], middle["identifiers"][0])


async def relate(database: "asyncpg.Connection[asyncpg.Record]", count: int) -> None:
    step = count // SEEN
    spread = [f"gln:{n:013d}" for n in range(step, count + 1, step)]
    await database.execute(ORGANISATION, OF_INTEREST)
    await database.execute(PARTNERSHIPS, PARTNERSHIP)
    await database.execute(CYCLE.format(spread=SPREAD), spread, OF_INTEREST, TRAINER)
    await database.execute(CONSENTS.format(spread=SPREAD), spread, OF_INTEREST)
    await database.execute(LINKS.format(spread=SPREAD), spread, OF_INTEREST)
    await database.execute(NOMINATIONS.format(spread=SPREAD), spread, OF_INTEREST, PARTNERSHIP)
