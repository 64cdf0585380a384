"""The results table beside the plainest SQL over the same observations, and beside itself where there are a tenth of them.

Each enterprise has as many months in both places; a table reads three before its first classroom day and the last three.
"""

import json
import time
from contextlib import ExitStack

from bench import scratch
from bench.load import Asked, ask_all
from bench.measure import Row, Run, Sample, WrongAnswer, at_most, in_turn
from bench.place import Place
from bench.registry import without_indexes

FEW, MANY = "results_few", "results_many"
CODES, MONTHS, FEWER = 10, 100, 10  # FEWER: how many times fewer observations the small place has
AS_OF = "2020-12-31"
WANTED = """
select code, unit from indicators where aggregation = 'share_and_mean' and direction = 'lower' and code != 'KPI01'
order by code limit $1
"""
CYCLE = """
with those as (
  insert into enterprise_views (id, version, created_by, country, isic, state, identifiers)
  select uuidv7(), 1, 'bench', 'CN', '1430', 'active', '{}' from generate_series(1, $1::int) returning id
), given as (
  insert into cycle_views (id, version, created_by, module, country, state, enterprise_ids, co_trainer_ids)
  select uuidv7(), 1, 'bench', 'M1', 'CN', 'closed', array_agg(id), '{}' from those returning id
)
insert into attendance_views (id, version, participant_id, enterprise_id, cycle_id, date)
select uuidv7(), 1, uuidv7(), those.id, given.id, '2014-07-15' from those, given
"""
# two of three enterprises improve
OBSERVATIONS = """
insert into observations (id, version, created_at, updated_at, created_by, state, revision, enterprise_id, indicator, period,
  point, numerator, denominator, unit)
select uuidv7(), 1, now(), now(), 'bench', 'approved', 1, enterprise_id, code,
  to_char(date '2014-07-01' + make_interval(months => month - $3 / 2), 'YYYY-MM'), 'monthly',
  case when month <= $3 / 2 then 100 when n % 3 = 0 then 120 else 80 end + month % 3, 1000, unit
from (select enterprise_id, row_number() over (order by enterprise_id) as n from attendance_views) as trained,
  unnest($1::text[], $2::text[]) as catalogue (code, unit), generate_series(1, $3::int) as month
"""
PLAIN = """
select indicator, count(*) as reporters, count(*) filter (where after < before) as improved
from (
  select enterprise_id, indicator,
    avg(numerator / denominator) filter (where period < month and period >= earliest) as before,
    avg(numerator / denominator) filter (where period > month and place <= 3) as after
  from (
    select observations.*, to_char(date, 'YYYY-MM') as month, to_char(date - interval '3 months', 'YYYY-MM') as earliest,
      row_number() over (
        partition by observations.enterprise_id, indicator, period > to_char(date, 'YYYY-MM') order by period desc
      ) as place
    from observations join attendance_views using (enterprise_id)
    where observations.state = 'approved' and period <= '2020-12'
  ) as told
  group by enterprise_id, indicator
) as each
where before is not null and after is not null
group by indicator
"""
Told = dict[str, tuple[int, int]]  # by indicator: who reported, who improved


async def measure(place: Place) -> list[Row]:
    many = place.size.observations
    with ExitStack() as opened:
        beside = opened.enter_context(scratch.broker(place))
        urls = []
        for name, months in ((FEW, MONTHS // FEWER), (MANY, MONTHS)):
            await fill(place, name, many // (CODES * MONTHS), months)
            urls.append(opened.enter_context(scratch.service(place, "metrics", name, beside)))
        told: Told = {}
        ours = table(place, urls[1], told)
        beside_sql = await in_turn("results", over_all(place, told), ours, few(place), place.say)
        beside_few = await in_turn("results, flatness", table(place, urls[0], {}), ours, few(place), place.say)
    what = f"results table of {many:,} observations"
    return [
        Row(what, "SQL over all of them", at_most(1 / 60), beside_sql.ratios("seconds")),
        Row(what, f"{many // FEWER:,} observations of as many enterprises", at_most(1.2), beside_few.ratios("seconds")),
        Row(what, "", None, beside_few.candidates("seconds"), unit="s"),
    ]


def few(place: Place) -> int:
    return max(2, place.size.pairs // 2)


async def fill(place: Place, name: str, enterprises: int, months: int) -> None:
    place.say(f"results: writing {enterprises * CODES * months} observations")
    await scratch.make_database(place, name, "metrics")
    database = await place.connect(name)
    try:
        catalogue = await database.fetch(WANTED, CODES)
        if len(catalogue) < CODES:
            raise WrongAnswer(f"{len(catalogue)} indicators instead of {CODES}")
        await database.execute(CYCLE, enterprises)
        codes, units = map(list, zip(*catalogue, strict=True))
        async with without_indexes(database, "observations"):
            await database.execute(OBSERVATIONS, codes, units, months)
        await database.execute("vacuum analyze")
    finally:
        await database.close()


def over_all(place: Place, told: Told) -> Run:
    async def run() -> Sample:
        database = await place.connect(MANY)
        try:
            began = time.monotonic()
            rows = await database.fetch(PLAIN)
            seconds = time.monotonic() - began
        finally:
            await database.close()
        told.update({row["indicator"]: (row["reporters"], row["improved"]) for row in rows})
        return {"seconds": seconds}

    return run


def table(place: Place, url: str, wanted: Told) -> Run:
    """`WrongAnswer` unless it tells what is `wanted` of each indicator."""

    def check(body: bytes) -> None:
        found = {row["indicator"]: (row["reporters"], row["improved"]) for row in json.loads(body)["rows"]}
        if wrong := {code: found.get(code) for code, figures in wanted.items() if found.get(code) != figures}:
            raise WrongAnswer(f"{wrong} instead of {wanted}")

    async def run() -> Sample:
        asked = Asked.of("GET", f"/v1/results?as_of={AS_OF}", place.headers())
        return {"seconds": (await ask_all(url, [asked], check, connections=1)).seconds}

    return run
