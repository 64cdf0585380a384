"""References in imports: an id, `ref:<external_ref>` of the caller's, or `<scheme>:<value>` of an identifier."""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db import is_own, is_young, patiently
from shared.sets import among
from shared.successors import successors_of
from shared.types import UUID_TEXT, clean_text, refuse

OWN = "ref:"


def check_form(value: str) -> str:
    if not UUID_TEXT.fullmatch(value) and not all(value.partition(":")):
        raise refuse(
            "malformed_reference",
            "Write an id, ref:<external_ref>, or <scheme>:<value>, for instance gln:9436465792104.",
        )
    return value


Reference = Annotated[
    str, BeforeValidator(clean_text), StringConstraints(min_length=1, max_length=300), AfterValidator(check_form)
]


async def resolve(session: AsyncSession, model: Any, references: Iterable[str], by: str) -> dict[str, UUID]:
    """Ids of the rows of `model` that `references` name; unknown ones are absent, after two seconds of patience with a view.

    `model` has `id`, perhaps `external_ref` with `created_by`, perhaps `identifiers` (an array of `scheme:value`), perhaps
    `successors` (the table of those that are read as another).
    """
    wanted = set(references)

    async def known() -> dict[str, UUID]:
        return await find(session, model, wanted, by)

    if is_own(model):
        return await known()
    return await patiently(known, lambda found: not any(map(may_come, wanted - found.keys())))


def may_come(reference: str) -> bool:
    return not UUID_TEXT.fullmatch(reference) or is_young(UUID(reference))


async def find(session: AsyncSession, model: Any, references: set[str], by: str) -> dict[str, UUID]:
    ids = {reference for reference in references if UUID_TEXT.fullmatch(reference)}
    own = {reference for reference in references - ids if reference.startswith(OWN)}
    found = await by_id(session, model, ids) if ids else {}
    if own and hasattr(model, "external_ref"):
        found |= await by_external_ref(session, model, own, by)
    if (identifiers := references - ids - own) and hasattr(model, "identifiers"):
        found |= await by_identifier(session, model, identifiers)
    return await as_read_now(session, model, found)


async def as_read_now(session: AsyncSession, model: Any, found: dict[str, UUID]) -> dict[str, UUID]:
    """Who was merged is read as the other, by whatever it was known."""
    merged = getattr(model, "successors", None)
    homes = await successors_of(session, merged, set(found.values())) if merged else {}
    return {reference: homes.get(id, id) for reference, id in found.items()}


async def by_id(session: AsyncSession, model: Any, references: set[str]) -> dict[str, UUID]:
    known = await session.execute(select(model.id).where(among(model.id, map(UUID, references))))
    return {str(id): id for id in known.scalars()}


async def by_external_ref(session: AsyncSession, model: Any, references: set[str], by: str) -> dict[str, UUID]:
    refs = [reference.removeprefix(OWN) for reference in references]
    mine = select(model.external_ref, model.id).where(among(model.external_ref, refs), model.created_by == by)
    return {OWN + ref: id for ref, id in await session.execute(mine)}


async def by_identifier(session: AsyncSession, model: Any, references: set[str]) -> dict[str, UUID]:
    carrying = select(model.identifiers, model.id).where(model.identifiers.overlap(sorted(references)))
    return {one: id for carried, id in await session.execute(carrying) for one in references & set(carried)}
