from typing import Any

from sqlalchemy import Select

from services.gateway.clients.models import Client
from services.gateway.clients.schemas import ClientQuery
from shared.pagination import overlapping, select_matching


def clients_matching(query: ClientQuery) -> Select[Any]:
    return select_matching(Client, query, "country").where(*overlapping(Client.countries, query.country))
