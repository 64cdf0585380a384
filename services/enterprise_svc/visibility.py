"""What each role sees of the registry. The registry's own tables, which nobody selects from but for this: identifier claims,
memberships and the views of training and metrics.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, cast, func, or_, select, true
from sqlalchemy import Uuid as Id
from sqlalchemy.dialects.postgresql import array

from services.enterprise_svc.access_log.models import AccessReceipt
from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.country_policies.models import CountryPolicy
from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.fees.models import Fee
from services.enterprise_svc.mergers.models import MergedEnterprise
from services.enterprise_svc.nominations.models import Nomination
from services.enterprise_svc.organisations.models import Membership, Organisation
from services.enterprise_svc.partnerships.models import Partnership
from services.enterprise_svc.phases.models import Phase
from services.enterprise_svc.programmes.models import Programme
from services.enterprise_svc.read_models.training import CycleView
from services.enterprise_svc.supply_links.models import SupplyLink
from shared.consents import ConsentScope, live_now, shown_to
from shared.permissions.relations import Relation
from shared.permissions.visibility import Rule, Visibility, names_any_of
from shared.permissions.who import Eyes
from shared.successors import all_read_as, read_as

Sql = ColumnElement[bool]


def columns_of(model: Any) -> Any:
    """Those of the table: a condition must not be one on an entity, which would get conditions of its own."""
    return model.__table__.c


organisation, membership, enterprise, cycle, consent, link, partnership, nomination, fee, receipt = map(
    columns_of,
    (
        Organisation,
        Membership,
        Enterprise,
        CycleView,
        Consent,
        SupplyLink,
        Partnership,
        Nomination,
        Fee,
        AccessReceipt,
    ),
)


def in_own_countries(country: ColumnElement[str]) -> Any:
    return lambda eyes: eyes.look_after(country)


def of_itself(enterprise_id: ColumnElement[Any]) -> Any:
    """Who is bound to one that was merged is bound to what that is read as."""
    return lambda eyes: enterprise_id == read_as(MergedEnterprise, eyes.enterprise_id)


def of_itself_ever(id: ColumnElement[Any]) -> Any:
    """Of what is kept under the id it had."""
    merged = MergedEnterprise
    return lambda eyes: or_(of_itself(id)(eyes), id.in_(all_read_as(merged, eyes.enterprise_id)))


# --- organisations and what they agree on ----------------------------------------------------------------------------


def is_party(eyes: Eyes) -> Sql:
    named = func.jsonb_build_object("organisation_id", eyes.organisation_id)
    return partnership.parties.op("@>")(func.jsonb_build_array(named))  # type: ignore[no-any-return]


def is_opened(eyes: Eyes) -> Sql:
    """One's own, and what a member agreed on that is open to the organisation it is a member of: whom it agreed on stays with
    the parties."""
    open_to_us = membership.open & (membership.organisation_id == eyes.organisation_id)
    return or_(is_party(eyes), names_any_of(partnership.parties, membership.member_id, open_to_us))


def in_no_others(eyes: Eyes) -> Sql:
    """In some of one's own countries, and in no others."""
    countries = partnership.countries
    return and_(countries.op("&&")(eyes.countries), countries.op("<@")(eyes.countries))


def near_organisation(eyes: Eyes) -> Sql:
    """Itself, what it is a member of, its members, and whoever is party to an agreement with it."""
    joined = select(membership.organisation_id).where(membership.member_id == eyes.organisation_id)
    party = func.jsonb_array_elements(partnership.parties).table_valued("value")
    agreed = partnership.id.table.join(party, true())
    partners = select(cast(party.c.value.op("->>")("organisation_id"), Id)).select_from(agreed)
    return or_(
        organisation.id == eyes.organisation_id,
        organisation.member_of.op("@>")(array([eyes.organisation_id])),
        organisation.id.in_(joined),
        organisation.id.in_(partners.where(is_opened(eyes))),
    )


def asks_enterprise(eyes: Eyes) -> Sql:
    """Or names it in a fee."""
    itself = read_as(MergedEnterprise, eyes.enterprise_id)
    asked = select(nomination.partnership_id).where(nomination.enterprise_id == itself)
    charged = select(fee.partnership_id).where(fee.enterprise_id == itself)
    return or_(partnership.id.in_(asked), partnership.id.in_(charged))


# --- enterprises -----------------------------------------------------------------------------------------------------


def of_cycles(which: ColumnElement[bool]) -> Sql:
    return enterprise.id.in_(select(func.unnest(cycle.enterprise_ids)).where(which))  # type: ignore[no-any-return]


def provided(eyes: Eyes) -> Sql:
    return of_cycles(cycle.provider_id == eyes.organisation_id)


def assigned(eyes: Eyes) -> Sql:
    return of_cycles(
        or_(
            cycle.lead_trainer_id == eyes.trainer_id,
            cycle.supervisor_id == eyes.trainer_id,
            cycle.co_trainer_ids.op("@>")(array([eyes.trainer_id])),
        )
    )


def consented(eyes: Eyes) -> Sql:
    """By name to the organisation, or to the public; what was recorded under an id that the consent covers."""
    allowed = select(func.unnest(consent.covers)).where(shown_to(consent, eyes.organisation_id), *live_now(consent))
    return enterprise.id.in_(allowed)  # type: ignore[no-any-return]


def published() -> Sql:
    return consent.grantee_id.is_(None) & (consent.scope == ConsentScope.CASE_STUDY.value)  # type: ignore[no-any-return]


def granted(eyes: Eyes) -> Sql:
    return or_(consent.grantee_id == eyes.organisation_id, published())


def read_in_own_countries(eyes: Eyes) -> Sql:
    return eyes.look_after_whom(receipt.enterprise_id, enterprise.id, enterprise.country)


visibility = Visibility(
    [
        Rule(
            Organisation,
            "organisations",
            {
                Relation.COUNTRIES: in_own_countries(organisation.country),
                Relation.ORGANISATION: lambda eyes: organisation.id == eyes.organisation_id,
                Relation.PARTY: near_organisation,
            },
        ),
        Rule(Programme, "programmes", {}),
        Rule(Phase, "phases", {}),
        Rule(CountryPolicy, "country_policies", {}),
        Rule(
            Enterprise,
            "enterprises",
            {
                Relation.COUNTRIES: in_own_countries(enterprise.country),
                Relation.PROVIDED: provided,
                Relation.ASSIGNED: assigned,
                Relation.ITSELF: of_itself_ever(enterprise.id),
                Relation.CONSENTED: consented,
            },
        ),
        Rule(
            SupplyLink,
            "supply_links",
            {
                Relation.COUNTRIES: in_own_countries(link.country),
                Relation.ITSELF: of_itself(link.enterprise_id),
                Relation.ORGANISATION: lambda eyes: link.buyer_id == eyes.organisation_id,
            },
        ),
        Rule(
            Partnership,
            "partnerships",
            {
                Relation.COUNTRIES: lambda eyes: partnership.countries.op("&&")(eyes.countries),
                Relation.WITHIN: in_no_others,
                Relation.PARTY: is_party,
                Relation.OPENED: is_opened,
                Relation.ITSELF: asks_enterprise,
            },
        ),
        Rule(
            Nomination,
            "nominations",
            {
                Relation.COUNTRIES: in_own_countries(nomination.country),
                Relation.PARTY: lambda eyes: nomination.party_ids.op("@>")(array([eyes.organisation_id])),
                Relation.ITSELF: of_itself(nomination.enterprise_id),
            },
        ),
        Rule(
            Fee,
            "fees",
            {
                Relation.COUNTRIES: in_own_countries(fee.country),
                Relation.PARTY: lambda eyes: fee.party_ids.op("@>")(array([eyes.organisation_id])),
                Relation.ITSELF: of_itself(fee.enterprise_id),
            },
        ),
        Rule(
            Consent,
            "consents",
            {
                Relation.COUNTRIES: in_own_countries(consent.country),
                Relation.ORGANISATION: granted,
                Relation.ITSELF: of_itself(consent.enterprise_id),
            },
        ),
        Rule(
            AccessReceipt,
            "receipts",
            {Relation.COUNTRIES: read_in_own_countries, Relation.ITSELF: of_itself_ever(receipt.enterprise_id)},
        ),
    ]
)
