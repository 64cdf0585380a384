"""Which scopes a client of a role may have."""

from services.gateway.upstreams import SERVICE_OF
from shared.permissions import matrix
from shared.permissions.roles import Role


def scopes_of(role: str) -> frozenset[str]:
    """As the matrix has it; the administrator's reach what is not in it yet, too."""
    of_matrix = matrix.scopes_of(role)
    return of_matrix | every_scope() if role == Role.PROGRAMME_ADMIN else of_matrix


def every_scope() -> frozenset[str]:
    return frozenset(f"{collection}:{what}" for collection in SERVICE_OF for what in ("read", "write"))
