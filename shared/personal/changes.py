"""The personal part of a history: written under the person's key, read as nothing once the key is gone."""

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.personal.keyring import Key
from shared.personal.keys import keys_of, make_keys

Changes = dict[str, Any]
NOTHING = [None, None]


@cache
def personal_fields(model: Any) -> frozenset[str]:
    """Those that are marked, and of a person's resource what its client calls it: that may well be a name."""
    marked = {column.name for column in model.__table__.columns if column.info.get("personal")}
    return frozenset(marked | {"external_ref"} if marked else marked)


async def concealed_changes(
    session: AsyncSession, resources: Sequence[Any], told: Sequence[Changes]
) -> Sequence[Changes]:
    """`told` of each of `resources` as it may be kept; notes for the record of the answer whom it is about."""
    model: Any = type(resources[0])
    fields = personal_fields(model)
    if not fields:
        return told
    keys = await make_keys(session, [one.id for one in resources if one.version == 1])
    keys |= await keys_of(session, [one.id for one in resources if one.version > 1])
    if "persons" in session.info:
        session.info["persons"] |= {one.id: keys.get(one.id) for one in resources}
    return [concealed(changes, fields, one.id, keys.get(one.id)) for one, changes in zip(resources, told, strict=True)]


def concealed(changes: Changes, fields: frozenset[str], person: UUID, key: Key | None) -> Changes:
    """A field of somebody who is erased is named, and nothing said of it."""
    return changes | {
        name: text_of(key.conceal(orjson.dumps(changes[name]), about(person, name))) if key else None
        for name in fields & changes.keys()
    }


async def revealed_changes(session: AsyncSession, person: UUID, told: Sequence[Changes]) -> list[Changes]:
    """What the history of one person says, `[None, None]` where it was erased."""
    key = (await keys_of(session, [person])).get(person)
    return [revealed(changes, person, key) for changes in told]


def revealed(changes: Mapping[str, Any], person: UUID, key: Key | None) -> Changes:
    return {
        name: value if isinstance(value, list) else clear(name, value, person, key) for name, value in changes.items()
    }


def clear(name: str, kept: str | None, person: UUID, key: Key | None) -> Any:
    if kept is None or key is None:
        return NOTHING
    return orjson.loads(key.reveal(base64.b64decode(kept), about(person, name)))


def text_of(concealed: bytes) -> str:
    return base64.b64encode(concealed).decode()


def about(person: UUID, name: str) -> bytes:
    return person.bytes + name.encode()
