from pydantic import Field

from services.training_svc.participants.models import ParticipantCategory
from shared.pagination import ListQuery, any_of
from shared.references import Reference
from shared.types import ExternalRef, Id, Input, Instant, Resource, Sex, Text

REFERENCE = Field(examples=["p-017"], description="The enterprise's own word for the person, not a name")


class RegisterParticipant(Input):
    enterprise_id: Id
    reference: Text = REFERENCE
    sex: Sex
    category: ParticipantCategory
    external_ref: ExternalRef | None = None


class ParticipantOut(Resource):
    enterprise_id: Id
    reference: str
    sex: Sex
    category: ParticipantCategory
    external_ref: str | None
    superseded_by: Id | None = Field(
        description="Who counts instead, because two enterprises that were merged knew somebody by this reference"
    )
    erased_at: Instant | None = Field(description="Since when nobody can tell who this is")


class ParticipantQuery(ListQuery):
    enterprise_id: any_of(Id) | None = None
    sex: any_of(Sex) | None = None
    category: any_of(ParticipantCategory) | None = None


class PersonRow(Input):
    enterprise_id: Reference
    reference: Text = REFERENCE
    sex: Sex
    category: ParticipantCategory


class ParticipantRow(PersonRow):
    external_ref: ExternalRef | None = None
