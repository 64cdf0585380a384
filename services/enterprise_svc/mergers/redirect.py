"""An enterprise that was merged answers nothing but where it is read now, whatever is asked of it and at whatever address below
its own: 308, to whoever may see it. Nothing is looked up for a request that succeeds: none does at an old id.
"""

import re
from uuid import UUID

from sqlmodel import col, select
from starlette.responses import Response

from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.mergers.models import MergedEnterprise
from shared.successors import successors_of
from shared.telemetry import App, Message, Receive, Scope, Send
from shared.types import UUID_TEXT

COLLECTION, LENGTH = "/v1/enterprises/", 36
PATH = re.compile(rf"{COLLECTION}(?P<id>{UUID_TEXT.pattern})(?P<below>/.*)?")
UNDOING = "/unmerge"
# whoever may not do it (401, 403) or has asked too often is told that; what is broken stays so
INSTEAD_OF = frozenset({400, 404, 405, 406, 409, 410, 412, 413, 415, 416, 422, 428})


class Redirect:
    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None or found["below"] == UNDOING:
            await self.app(scope, receive, send)
            return
        moved = False

        async def answer(message: Message) -> None:
            nonlocal moved
            begins_refusal = message["type"] == "http.response.start" and message["status"] in INSTEAD_OF
            if begins_refusal and (successor := await successor_of(scope, UUID(found["id"]))):
                moved = True
                await moved_to(scope, successor)(scope, receive, send)
            if not moved:
                await send(message)

        await self.app(scope, receive, answer)


async def successor_of(scope: Scope, id: UUID) -> UUID | None:
    """None too where whoever asks sees neither."""
    async with scope["app"].state.database.transaction() as session:
        successor = (await successors_of(session, MergedEnterprise, [id])).get(id)
        if successor is None:
            return None
        seen = select(Enterprise.id).where(col(Enterprise.id).in_([id, successor]))
        return successor if (await session.exec(seen)).first() else None


def moved_to(scope: Scope, successor: UUID) -> Response:
    """The same address with the other id, byte for byte."""
    path = scope["raw_path"].decode("ascii").partition("?")[0]
    query = scope["query_string"].decode("ascii")
    below = path.removeprefix(COLLECTION)[LENGTH:]
    location = f"{COLLECTION}{successor}{below}" + (f"?{query}" if query else "")
    return Response(status_code=308, headers={"Location": location, "Cache-Control": "no-store"})
