"""What a client of each role must be bound to, and how far it may go."""

from collections.abc import Iterator

from services.gateway.clients.schemas import RegisterClient
from services.gateway.scopes import scopes_of
from shared import errors
from shared.permissions.roles import Role

BINDING = {
    Role.BUYER: "organisation_id",
    Role.DONOR: "organisation_id",
    Role.PROVIDER: "organisation_id",
    Role.ENTERPRISE: "enterprise_id",
    Role.TRAINER: "trainer_id",
    Role.COORDINATOR: "countries",
}
BINDINGS = ("organisation_id", "enterprise_id", "trainer_id")
RIGHTS = ("role", *BINDINGS, "countries", "scopes")


def check(command: RegisterClient) -> None:
    """422 naming each place."""
    if places := [*missing_binding(command), *foreign_scopes(command)]:
        raise errors.ValidationFailed(errors=places)


def missing_binding(command: RegisterClient) -> Iterator[errors.Place]:
    name = BINDING.get(command.role)
    if name and not getattr(command, name):
        yield errors.pointer("missing", f"A client of the role {command.role} needs it.", name)


def foreign_scopes(command: RegisterClient) -> Iterator[errors.Place]:
    allowed = scopes_of(command.role)
    for index, scope in enumerate(command.scopes):
        if scope not in allowed:
            yield errors.pointer("not_of_role", f"The role {command.role} may not have this.", "scopes", index)
