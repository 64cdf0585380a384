"""The words of all names, so that one that is typed wrongly leads to those that are like it.

A word is kept once (twice, if two bring it at the same moment: nobody waits) and never removed. What they lead to is looked up
behind the fence: that a word is known is told to nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Index, Table, Text, exists, func, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.enterprises.names import SHORTEST_TYPED_WRONG, Fragment, errors_between, remembered
from services.enterprise_svc.models_base import Base
from shared.sets import sent
from shared.writing import Rows

LIKE_ENOUGH, LIKE_ENOUGH_IF_SHORT = 0.2, 0.3  # of the parts of three letters, for a first choice
MOST_WORDS = 15  # that one word of a question may mean
name_words = Table(
    "name_words",
    Base.metadata,
    Column("word", Text, nullable=False),
    Index("name_words_word", "word"),
    Index("name_words_near", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
)


@dataclass(frozen=True)
class Remembered:
    """Words that are not known yet are kept."""

    def statement(self, rows: str, after: ColumnElement[bool] | None) -> Any:
        told = sent(name_words, ("word",), rows)
        new = select(told.c.word).where(~exists().where(name_words.c.word == told.c.word))
        return insert(name_words).from_select(["word"], new if after is None else new.where(after))


def words_of(enterprises: Iterable[Enterprise]) -> list[Rows]:
    """To be written when names were given or changed."""
    words = sorted({word for one in enterprises for word in remembered(one.searchable)})
    return [Rows(Remembered(), [{"word": word} for word in words])] if words else []


async def prepare_search(session: AsyncSession) -> None:
    """For the rest of the transaction. A plan that is made without looking at the pattern would read the whole table for a rare
    one.
    """
    await session.execute(select(func.set_config("plan_cache_mode", "force_custom_plan", True)))


async def meant_by(session: AsyncSession, fragment: Fragment) -> Sequence[str]:
    """The known words that `fragment` may be, typed wrongly; the most likely first."""
    if not fragment.wrong:
        return []
    await session.execute(select(func.set_config("pg_trgm.similarity_threshold", str(like_enough(fragment)), True)))
    near = select(name_words.c.word).distinct().where(name_words.c.word.op("%")(fragment.word))
    likely = sorted(
        (wrong, word) for (word,) in await session.execute(near) if (wrong := errors_between(fragment, word))
    )
    return [word for _, word in likely[:MOST_WORDS]]


def like_enough(fragment: Fragment) -> float:
    """How many of the parts of three letters two words must have in common to be compared letter by letter.

    A word of n letters has n + 1 parts. Of all single errors two letters exchanged leave the fewest: n - 3 of the n + 5 of both.
    Somewhat less is asked for, because a part may be in a word twice.
    """
    letters = len(fragment.word)
    if letters == SHORTEST_TYPED_WRONG:
        return LIKE_ENOUGH_IF_SHORT
    return LIKE_ENOUGH if fragment.wrong > 1 else max(LIKE_ENOUGH, 0.85 * (letters - 3) / (letters + 5))
