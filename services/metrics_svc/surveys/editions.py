"""Which answers count outside the programme. New and changed ones are let in when enough have come, item by item: two readings of
a survey that is being typed in would tell what the slips between them say.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.suppression.respondents import may_be_told
from services.metrics_svc.surveys.models import Category, Survey, ToldAnswers


class Answers(NamedTuple):
    answered: int
    agree: int


NOBODY = Answers(0, 0)
Counts = Mapping[str, Answers]  # by category
Edition = Mapping[str, list[Any]]  # by response: its category, and whether it agrees

ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended('score survey ' || cast(:survey_id as text), 0))")
# agreeing is yes, or 4 and 5; the answers kept have no blanks
ANSWERS = text(
    """
    select answer.key, cast(survey_responses.id as text), category, answer.value in ('true', '4', '5')
    from survey_responses, jsonb_each_text(answers) as answer
    where survey_id = :survey_id
    """
)


async def counts_told(
    session: AsyncSession, survey: Survey, category: Category | None, enough: int
) -> Mapping[str, Counts]:
    """By item. What is told is kept before it is."""
    await session.execute(ONE_AT_A_TIME, {"survey_id": str(survey.id)})
    present, before = await answers_of(session, survey), await editions_of(session, survey)
    counts: dict[str, Counts] = {}
    for code, now in present.items():
        edition = before[code] if code in before and leaves_few(before[code], now, enough) else now
        counts[code] = counted(edition)
        if edition != before.get(code) and is_told(counts[code], category, enough):
            await keep(session, survey, code, edition)
    return counts


async def answers_of(session: AsyncSession, survey: Survey) -> Mapping[str, Edition]:
    found: dict[str, dict[str, list[Any]]] = defaultdict(dict)
    for code, id, category, agrees in await session.execute(ANSWERS, {"survey_id": survey.id}):
        found[code][id] = [category, agrees]
    return found


async def editions_of(session: AsyncSession, survey: Survey) -> Mapping[str, Edition]:
    one: Any = ToldAnswers
    wanted = select(one.item, one.answers).where(one.survey_id == survey.id)
    return dict((await session.execute(wanted)).tuples().all())


async def keep(session: AsyncSession, survey: Survey, item: str, edition: Edition) -> None:
    added = insert(ToldAnswers).values(survey_id=survey.id, item=item, answers=dict(edition))
    replaced = {"answers": added.excluded.answers}
    await session.execute(added.on_conflict_do_update(index_elements=["survey_id", "item"], set_=replaced))


def leaves_few(before: Edition, now: Edition, enough: int) -> bool:
    """Whether of some category those that came, went or changed are somebody, and too few."""
    changed: dict[str, set[str]] = defaultdict(set)
    for id in before.keys() | now.keys():
        if before.get(id) != now.get(id):
            for category in categories_of(before, now, id):
                changed[category].add(id)
    return any(len(ids) < enough for ids in changed.values())


def categories_of(before: Edition, now: Edition, id: str) -> Iterator[str]:
    return (edition[id][0] for edition in (before, now) if id in edition)


def counted(edition: Edition) -> Counts:
    found: dict[str, Answers] = defaultdict(lambda: NOBODY)
    for category, agrees in edition.values():
        found[category] = Answers(found[category].answered + 1, found[category].agree + bool(agrees))
    return found


def is_told(counts: Counts, category: Category | None, enough: int) -> bool:
    of_all = sum_of(counts).answered
    return may_be_told(of_category(counts, category).answered, of_all, enough)


def of_category(counts: Counts, category: Category | None) -> Answers:
    return sum_of(counts) if category is None else counts.get(category, NOBODY)


def sum_of(counts: Counts) -> Answers:
    return Answers(sum(one.answered for one in counts.values()), sum(one.agree for one in counts.values()))


def all_counts(present: Mapping[str, Edition]) -> Mapping[str, Counts]:
    return {code: counted(edition) for code, edition in present.items()}
