"""Which fields an answer has, and which of them a role is told."""

from collections.abc import Mapping
from typing import Any

from services.enterprise_svc.access_log.schemas import AccessOut
from services.enterprise_svc.consents.schemas import ConsentOut
from services.enterprise_svc.country_policies.schemas import CountryPolicyOut
from services.enterprise_svc.enterprises.schemas import FORMS as ENTERPRISE
from services.enterprise_svc.fees.schemas import FeeOut
from services.enterprise_svc.nominations.schemas import NominationOut
from services.enterprise_svc.organisations.schemas import OrganisationOut
from services.enterprise_svc.partnerships.schemas import PartnershipOut
from services.enterprise_svc.phases.schemas import PhaseOut
from services.enterprise_svc.programmes.schemas import ProgrammeOut
from services.enterprise_svc.supply_links.schemas import SupplyLinkOut
from services.gateway.clients.schemas import ClientOut
from services.metrics_svc.data_quality.schemas import FindingOut
from services.metrics_svc.exchange_rates.schemas import ExchangeRateOut
from services.metrics_svc.indicators.schemas import IndicatorOut
from services.metrics_svc.observations.schemas import ObservationOut
from services.metrics_svc.savings.schemas import SavingOut
from services.metrics_svc.surveys.schemas import ResponseOut, SurveyOut
from services.training_svc.attendances.schemas import AttendanceOut
from services.training_svc.cycles.schemas import CYCLE
from services.training_svc.modules.schemas import ModuleOut
from services.training_svc.participants.models import Participant
from services.training_svc.participants.schemas import ParticipantOut
from services.training_svc.trainers.models import Trainer
from services.training_svc.trainers.schemas import TrainerOut
from services.training_svc.visits.schemas import VISIT
from shared.permissions.forms import Forms
from shared.permissions.roles import Role
from shared.personal.changes import personal_fields
from shared.types import Answer

HIS_OWN = (
    "An `external_ref` is null to all but the client who gave it, coordinators, auditors and the administrator; nor does a "
    "filter by it find anything for others."
)
# by the matrix's word; what is missing here is computed for whoever asks
FORMS: Mapping[str, Forms | type[Answer]] = {
    "organisations": OrganisationOut,
    "programmes": ProgrammeOut,
    "phases": PhaseOut,
    "country_policies": CountryPolicyOut,
    "enterprises": ENTERPRISE,
    "supply_links": SupplyLinkOut,
    "partnerships": PartnershipOut,
    "nominations": NominationOut,
    "fees": FeeOut,
    "consents": ConsentOut,
    "receipts": AccessOut,
    "modules": ModuleOut,
    "trainers": TrainerOut,
    "cycles": CYCLE,
    "participants": ParticipantOut,
    "attendances": AttendanceOut,
    "visits": VISIT,
    "indicators": IndicatorOut,
    "exchange_rates": ExchangeRateOut,
    "observations": ObservationOut,
    "savings": SavingOut,
    "surveys": SurveyOut,
    "survey_responses": ResponseOut,
    "data_quality": FindingOut,
    "clients": ClientOut,
}
PERSONS: Mapping[str, Any] = {"trainers": Trainer, "participants": Participant}
LIMITS = {
    ("cycles", Role.ENTERPRISE): "; of `enterprises` itself alone",
    ("cycles", Role.BUYER): "; of `enterprises` those who consent, of `classroom` the days alone",
}


def told_to(role: Role, collection: str) -> str:
    forms = FORMS.get(collection)
    if not isinstance(forms, Forms) or role not in forms.narrower:
        return "all" if forms else "computed"
    return names(forms.narrower[role]) + LIMITS.get((collection, role), "")


def fields_of(collection: str) -> str:
    forms = FORMS.get(collection)
    if forms is None:
        return ""
    return names(forms.whole if isinstance(forms, Forms) else forms, personal_of(collection))


def personal_of(collection: str) -> frozenset[str]:
    return personal_fields(PERSONS[collection]) if collection in PERSONS else frozenset()


def names(form: type[Answer], personal: frozenset[str] = frozenset()) -> str:
    spoken = ((name, field.serialization_alias or name) for name, field in form.model_fields.items())
    return ", ".join(f"*`{said}`*" if name in personal else f"`{said}`" for name, said in spoken)
