from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from services.gateway.clients.models import Client
from services.gateway.clients.schemas import ClientQuery
from shared.pagination import overlapping, select_matching
from shared.tables import history


def clients_matching(query: ClientQuery) -> Select[Any]:
    return select_matching(Client, query, "country").where(*overlapping(Client.countries, query.country))


def changes_of(client: UUID) -> Select[Any]:
    columns = (history.c.version, history.c.at, history.c.by, history.c.request_id, history.c.changes)
    return select(*columns).where(history.c.aggregate_id == client)
