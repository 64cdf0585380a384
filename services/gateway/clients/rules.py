"""What a client of each role must be bound to, how far it may go, and that nobody gives further than it goes itself."""

from collections.abc import Iterator, Set

from services.gateway.clients.models import Client
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
            yield errors.pointer("not_of_role", f"The role {command.role} may not have {scope}.", "scopes", index)


# --- no further than whoever asks ------------------------------------------------------------------------------

BEYOND = "Nobody gives a client more than it has itself."


def refuse_giving_more(command: RegisterClient, held: Set[str]) -> None:
    """403 naming each scope that lies beyond `held`, those of the token that asks."""
    named = [
        errors.pointer("beyond_yours", "You do not have this scope.", "scopes", index)
        for index, scope in enumerate(command.scopes)
        if scope not in held
    ]
    whole = not command.scopes and not scopes_of(command.role) <= held
    implied = [errors.pointer("beyond_yours", "None named is all of the role: name those it needs.", "scopes")]
    if places := implied if whole else named:
        raise errors.Forbidden(BEYOND, errors=places)


def refuse_taking_over(client: Client, held: Set[str]) -> None:
    """403: whoever changes how a client proves itself can ask as that client."""
    if not scopes_of(client.role).intersection(client.scopes or scopes_of(client.role)) <= held:
        raise errors.Forbidden("This client has scopes that you do not have; who has them may change it or its secret.")
