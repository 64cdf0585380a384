"""Every table of this service, for migrations: importing this module fills `Base.metadata`."""

from services.enterprise_svc.access_log.models import AccessReceipt
from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.country_policies.models import CountryPolicy
from services.enterprise_svc.enterprises.models import Enterprise, IdentifierClaim
from services.enterprise_svc.enterprises.words import name_words
from services.enterprise_svc.fees.models import Fee
from services.enterprise_svc.matching.models import MatchKeys
from services.enterprise_svc.mergers.models import LaterFact, MergedEnterprise
from services.enterprise_svc.models_base import Base
from services.enterprise_svc.nominations.models import Nomination
from services.enterprise_svc.organisations.models import Membership, Organisation
from services.enterprise_svc.partnerships.models import Partnership
from services.enterprise_svc.phases.models import Phase
from services.enterprise_svc.programmes.models import Programme
from services.enterprise_svc.read_models.metrics import ObservationView, SavingView
from services.enterprise_svc.read_models.training import AttendanceView, CycleView
from services.enterprise_svc.supply_links.models import SupplyLink

__all__ = [
    "AccessReceipt",
    "AttendanceView",
    "Base",
    "Consent",
    "CountryPolicy",
    "CycleView",
    "Enterprise",
    "Fee",
    "IdentifierClaim",
    "LaterFact",
    "MatchKeys",
    "Membership",
    "MergedEnterprise",
    "Nomination",
    "ObservationView",
    "Organisation",
    "Partnership",
    "Phase",
    "Programme",
    "SavingView",
    "SupplyLink",
    "name_words",
]
