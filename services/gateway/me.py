"""`GET /v1/me`: who asks, and what they may do."""

from uuid import UUID

from shared.answers import JsonAnswer
from shared.auth import Principal
from shared.permissions.matrix import OPERATIONS, may_do
from shared.permissions.roles import Role
from shared.routing import PrincipalDep, Router
from shared.types import Answer

router = Router("me")


class Me(Answer):
    """A machine has a `client_id`, a person a `subject`; what does not apply is left out."""

    client_id: str | None = None
    subject: str | None = None
    role: Role
    organisation_id: UUID | None = None
    enterprise_id: UUID | None = None
    trainer_id: UUID | None = None
    countries: list[str]
    scopes: list[str]
    permissions: list[str]


@router.get("", response_model=Me, response_model_exclude_none=True, openapi_extra={"x-any-token": True})
async def get_me(principal: PrincipalDep) -> JsonAnswer:
    """Who you are here, and the operations (by operationId) that your role and your scopes allow."""
    me = Me(
        client_id=None if principal.is_person else principal.client_id,
        subject=principal.subject if principal.is_person else None,
        role=Role(principal.role),
        organisation_id=principal.organisation_id,
        enterprise_id=principal.enterprise_id,
        trainer_id=principal.trainer_id,
        countries=list(principal.countries),
        scopes=sorted(principal.scopes),
        permissions=permissions_of(principal),
    )
    return JsonAnswer(me.model_dump(mode="json", exclude_none=True))


def permissions_of(principal: Principal) -> list[str]:
    granted = {"", *principal.scopes}
    allowed = ((name, one) for name, one in OPERATIONS.items() if one.scope in granted)
    return sorted(name for name, one in allowed if may_do(principal.role, name, one.reads))
