"""To erase a person: its key is destroyed, and with it all that was kept under it."""

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.changes import record
from shared.context import current
from shared.db import ResourceColumns
from shared.events import Event
from shared.imports.persons import forget_in_files
from shared.personal.keys import destroy_key

log = structlog.get_logger()


async def erase(session: AsyncSession, person: ResourceColumns, fact: type[Event], *known_as: str) -> None:
    """Call it when the row of `person` is blank. `known_as`: what named it in files."""
    await destroy_key(session, person.id)
    for text in known_as:
        await forget_in_files(session, text)
    await record(session, person, fact)
    # after a restore of an older backup the operator erases again what this says
    log.info("person erased", kind=type(person).__name__, id=str(person.id), request_id=current().request_id)
