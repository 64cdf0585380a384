"""What enterprise_svc announces: each event carries the whole public state of its aggregate, so that nobody calls back.

`external_ref` with `created_by`, and identifiers (`gln:9436465792104`), are there so that imports elsewhere can refer by them.
"""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events import Event


class OrganisationState(Event):
    name: str
    kind: str
    country: str
    member_of: list[UUID]
    external_ref: str | None
    created_by: str
    open_to: list[UUID] = []  # of `member_of`: those that see what it has agreed on


class OrganisationRegistered(OrganisationState):
    subject: ClassVar[str] = "score.enterprise.organisation.registered.v1"


class OrganisationAmended(OrganisationState):
    subject: ClassVar[str] = "score.enterprise.organisation.amended.v1"


class OrganisationOpened(OrganisationState):
    """It lets what it is a member of see what it has agreed on."""

    subject: ClassVar[str] = "score.enterprise.organisation.opened.v1"


class OrganisationShut(OrganisationState):
    subject: ClassVar[str] = "score.enterprise.organisation.shut.v1"


class OrganisationSnapshot(OrganisationState):
    subject: ClassVar[str] = "score.enterprise.organisation.snapshot.v1"


# --- programmes and phases -------------------------------------------------------------------------------------


class ProgrammeState(Event):
    code: str
    name: str


class ProgrammeStarted(ProgrammeState):
    subject: ClassVar[str] = "score.enterprise.programme.started.v1"


class ProgrammeAmended(ProgrammeState):
    subject: ClassVar[str] = "score.enterprise.programme.amended.v1"


class ProgrammeSnapshot(ProgrammeState):
    subject: ClassVar[str] = "score.enterprise.programme.snapshot.v1"


class PhaseState(Event):
    programme_id: UUID
    name: str
    starts_on: date
    ends_on: date | None
    countries: list[str]
    donor_ids: list[UUID]
    external_ref: str | None
    created_by: str


class PhaseStarted(PhaseState):
    subject: ClassVar[str] = "score.enterprise.phase.started.v1"


class PhaseAmended(PhaseState):
    subject: ClassVar[str] = "score.enterprise.phase.amended.v1"


class PhaseSnapshot(PhaseState):
    subject: ClassVar[str] = "score.enterprise.phase.snapshot.v1"


# --- country policies ------------------------------------------------------------------------------------------


class CountryPolicyState(Event):
    """The programme's rules in a country. Every country has one from the start; what is not amended is at its defaults."""

    country: str
    min_workers: int
    max_workers: int
    nomination_days: int
    certificate_months: int
    small_cell_threshold: int


class CountryPolicySet(CountryPolicyState):
    """As it is from the start."""

    subject: ClassVar[str] = "score.enterprise.country_policy.set.v1"


class CountryPolicyAmended(CountryPolicyState):
    subject: ClassVar[str] = "score.enterprise.country_policy.amended.v1"


class CountryPolicySnapshot(CountryPolicyState):
    subject: ClassVar[str] = "score.enterprise.country_policy.snapshot.v1"


# --- enterprises -----------------------------------------------------------------------------------------------


class EnterpriseState(Event):
    """`identifiers` are written `scheme:value`; `state` is the word of the API. One that is merged is read as `merged_into`
    everywhere; the others have none.
    """

    legal_name: str
    country: str
    isic: str | None
    languages: list[str]
    identifiers: list[str]
    state: str
    workforce_total: int | None
    external_ref: str | None
    created_by: str
    merged_into: UUID | None = None


class EnterpriseRegistered(EnterpriseState):
    subject: ClassVar[str] = "score.enterprise.enterprise.registered.v1"


class EnterpriseAmended(EnterpriseState):
    subject: ClassVar[str] = "score.enterprise.enterprise.amended.v1"


class EnterpriseAssessed(EnterpriseState):
    subject: ClassVar[str] = "score.enterprise.enterprise.assessed.v1"


class EnterpriseEnrolled(EnterpriseState):
    subject: ClassVar[str] = "score.enterprise.enterprise.enrolled.v1"


class EnterpriseActivated(EnterpriseState):
    """Its first attendance was recorded."""

    subject: ClassVar[str] = "score.enterprise.enterprise.activated.v1"


class EnterpriseSuspended(EnterpriseState):
    subject: ClassVar[str] = "score.enterprise.enterprise.suspended.v1"


class EnterpriseResumed(EnterpriseState):
    subject: ClassVar[str] = "score.enterprise.enterprise.resumed.v1"


class EnterpriseCompleted(EnterpriseState):
    subject: ClassVar[str] = "score.enterprise.enterprise.completed.v1"


class EnterpriseWithdrawn(EnterpriseState):
    subject: ClassVar[str] = "score.enterprise.enterprise.withdrawn.v1"


class EnterpriseClosed(EnterpriseState):
    subject: ClassVar[str] = "score.enterprise.enterprise.closed.v1"


class EnterpriseMerged(EnterpriseState):
    """It is the same as another, and goes on as that: whatever was recorded under its id is the other's now."""

    subject: ClassVar[str] = "score.enterprise.enterprise.merged.v1"


class EnterpriseUnmerged(EnterpriseState):
    """It is itself again, with all that was recorded under its id."""

    subject: ClassVar[str] = "score.enterprise.enterprise.unmerged.v1"


class EnterpriseSnapshot(EnterpriseState):
    subject: ClassVar[str] = "score.enterprise.enterprise.snapshot.v1"


# --- supply links ----------------------------------------------------------------------------------------------


class SupplyLinkState(Event):
    """A link counts on a day when it was ever confirmed and the day lies between `since` and `until`, both included.

    `recorded_under`: the id under which it was recorded, where that enterprise has been merged into `enterprise_id` since.
    """

    buyer_id: UUID
    enterprise_id: UUID
    tier: int
    since: date
    until: date | None
    state: str
    confirmed: bool
    recorded_under: UUID | None = None


class SupplyLinkProposed(SupplyLinkState):
    subject: ClassVar[str] = "score.enterprise.supply_link.proposed.v1"


class SupplyLinkAmended(SupplyLinkState):
    subject: ClassVar[str] = "score.enterprise.supply_link.amended.v1"


class SupplyLinkConfirmed(SupplyLinkState):
    subject: ClassVar[str] = "score.enterprise.supply_link.confirmed.v1"


class SupplyLinkEnded(SupplyLinkState):
    subject: ClassVar[str] = "score.enterprise.supply_link.ended.v1"


class SupplyLinkSnapshot(SupplyLinkState):
    subject: ClassVar[str] = "score.enterprise.supply_link.snapshot.v1"


# --- partnerships ----------------------------------------------------------------------------------------------


class Party(BaseModel):
    """An organisation in a partnership; `role` is sponsor, funder, implementer or initiative."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    organisation_id: UUID
    role: str


class PartnershipState(Event):
    name: str
    parties: list[Party]
    countries: list[str]
    starts_on: date
    ends_on: date | None
    phase_id: UUID | None
    state: str
    external_ref: str | None
    created_by: str


class PartnershipDrafted(PartnershipState):
    subject: ClassVar[str] = "score.enterprise.partnership.drafted.v1"


class PartnershipAmended(PartnershipState):
    subject: ClassVar[str] = "score.enterprise.partnership.amended.v1"


class PartnershipSigned(PartnershipState):
    subject: ClassVar[str] = "score.enterprise.partnership.signed.v1"


class PartnershipActivated(PartnershipState):
    subject: ClassVar[str] = "score.enterprise.partnership.activated.v1"


class PartnershipClosed(PartnershipState):
    subject: ClassVar[str] = "score.enterprise.partnership.closed.v1"


class PartnershipSnapshot(PartnershipState):
    subject: ClassVar[str] = "score.enterprise.partnership.snapshot.v1"


class NominationState(Event):
    """`recorded_under`: the id under which it was sent, where that enterprise has been merged into `enterprise_id` since."""

    partnership_id: UUID
    enterprise_id: UUID
    state: str
    recorded_under: UUID | None = None


class NominationSent(NominationState):
    subject: ClassVar[str] = "score.enterprise.nomination.sent.v1"


class NominationAccepted(NominationState):
    subject: ClassVar[str] = "score.enterprise.nomination.accepted.v1"


class NominationDeclined(NominationState):
    subject: ClassVar[str] = "score.enterprise.nomination.declined.v1"


class NominationCancelled(NominationState):
    subject: ClassVar[str] = "score.enterprise.nomination.cancelled.v1"


class NominationExpired(NominationState):
    subject: ClassVar[str] = "score.enterprise.nomination.expired.v1"


class NominationMoved(NominationState):
    """A merger of enterprises, or its undoing, made it another's, or gave it back its state."""

    subject: ClassVar[str] = "score.enterprise.nomination.moved.v1"


class NominationSnapshot(NominationState):
    subject: ClassVar[str] = "score.enterprise.nomination.snapshot.v1"


class MoneyTold(BaseModel):
    """With the currency's own digits."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    amount: str
    currency: str


class Share(BaseModel):
    """`payer_id` is an organisation or the enterprise itself; `amount` its part of the fee."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    payer_id: UUID
    percent: str
    amount: MoneyTold


class FeeState(Event):
    """`state` is agreed or cancelled; the amounts of the shares add up to that of the fee."""

    partnership_id: UUID
    enterprise_id: UUID
    amount: MoneyTold
    shares: list[Share]
    state: str


class FeeAgreed(FeeState):
    subject: ClassVar[str] = "score.enterprise.fee.agreed.v1"


class FeeAmended(FeeState):
    subject: ClassVar[str] = "score.enterprise.fee.amended.v1"


class FeeCancelled(FeeState):
    subject: ClassVar[str] = "score.enterprise.fee.cancelled.v1"


class FeeSnapshot(FeeState):
    subject: ClassVar[str] = "score.enterprise.fee.snapshot.v1"


# --- consents --------------------------------------------------------------------------------------------------


class ConsentState(Event):
    """What an enterprise allows, and whom: `grantee_id` is an organisation, none is the public; `scope` is aggregate,
    identified_kpi or case_study. It is live from the beginning of the day `since` to the end of the day `until` (in UTC, an
    absent one never ends), and at no instant from `withdrawn_at` on.

    It allows what was recorded under one of the ids in `covers`: that of the enterprise which gave it and, when it was given
    after a merger, those merged into it by then. `recorded_under`: the id it was given for, where that has been merged since.
    """

    enterprise_id: UUID
    grantee_id: UUID | None
    scope: str
    purpose: str | None
    since: date
    until: date | None
    withdrawn_at: datetime | None
    recorded_under: UUID | None = None
    covers: list[UUID] = []


class ConsentGranted(ConsentState):
    subject: ClassVar[str] = "score.enterprise.consent.granted.v1"


class ConsentWithdrawn(ConsentState):
    subject: ClassVar[str] = "score.enterprise.consent.withdrawn.v1"


class ConsentMoved(ConsentState):
    """A merger of enterprises, or its undoing, made another its holder; what it allows is the same."""

    subject: ClassVar[str] = "score.enterprise.consent.moved.v1"


class ConsentSnapshot(ConsentState):
    subject: ClassVar[str] = "score.enterprise.consent.snapshot.v1"
