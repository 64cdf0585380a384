"""Who sees what of metrics: the relations of the permission matrix, as conditions on this service's tables.

Figures belong to an enterprise: whoever trains it, looks after its country or has its live consent sees them. What outsiders
see of many is computed over all and then suppressed, with the programme's own eyes (`results`).
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, any_, false, func, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col

from services.metrics_svc.data_quality.models import Finding
from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.indicators.models import Indicator
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.publication.models import ToldContributions, Vintage
from services.metrics_svc.read_models.models import (
    AttendanceView,
    ConsentView,
    CountryPolicyView,
    CycleView,
    EnterpriseView,
    MergedEnterprise,
    ModuleView,
    OrganisationView,
    ParticipantView,
    PartnershipView,
    PhaseView,
    SupplyLinkView,
    VisitView,
)
from services.metrics_svc.records.versions import RecordState
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.surveys.models import Survey, SurveyResponse, ToldAnswers
from shared.consents import live_now, shown_to
from shared.permissions.relations import Relation
from shared.permissions.visibility import Condition, Rule, Visibility, names_any_of
from shared.permissions.who import Eyes
from shared.successors import read_as

tables = EnterpriseView.metadata.tables
cycles, enterprises, consents = (tables[name].c for name in ("cycle_views", "enterprise_views", "consent_views"))
partnerships, surveys = tables["partnership_views"].c, tables["surveys"].c
organisations = tables["organisation_views"].c


UNSAID = (RecordState.DRAFT, RecordState.RETURNED)


def nothing(_: Eyes) -> ColumnElement[bool]:
    """What is needed to say so lies in another service."""
    return false()


# --- cycles ----------------------------------------------------------------------------------------------------


def in_own_countries(eyes: Eyes) -> ColumnElement[bool]:
    return cycles.country == any_(eyes.countries)


def given_by_us(eyes: Eyes) -> ColumnElement[bool]:
    return col(cycles.provider_id) == eyes.organisation_id


def given_by_me(eyes: Eyes) -> ColumnElement[bool]:
    mine = eyes.trainer_id
    return or_(cycles.lead_trainer_id == mine, cycles.supervisor_id == mine, mine == any_(cycles.co_trainer_ids))


def with_me_in_it(eyes: Eyes) -> ColumnElement[bool]:
    return cycles.enterprise_ids.contains(array([read_as(MergedEnterprise, eyes.enterprise_id)]))


def of_cycles(column: Any, those: Condition) -> Condition:
    return lambda eyes: column.in_(select(cycles.id).where(those(eyes)))


# --- enterprises, and what is theirs ---------------------------------------------------------------------------


def trained_in(column: Any, those: Condition) -> Condition:
    """Enterprises that take part in cycles of that kind."""
    return lambda eyes: column.in_(select(func.unnest(cycles.enterprise_ids)).where(those(eyes)))


def of_cycles_in_own_countries(column: Any) -> Condition:
    return lambda eyes: eyes.look_after_whom(column, cycles.id, cycles.country)


def of_enterprises_in_own_countries(column: Any) -> Condition:
    return lambda eyes: eyes.look_after_whom(column, enterprises.id, enterprises.country)


def consenting(*columns: Any) -> Condition:
    """What was recorded under an id that a live consent covers which shows name and figures to the asking organisation, or to
    everybody: it is in the first of `columns` that is not null.
    """

    def condition(eyes: Eyes) -> ColumnElement[bool]:
        covered = select(func.unnest(consents.covers)).where(
            *live_now(consents), shown_to(consents, eyes.organisation_id)
        )
        *before, last = columns
        own = and_(*(one.is_(None) for one in before), col(last).in_(covered))
        return or_(*(one.in_(covered) for one in before), own)

    return condition


def at_home(column: Any) -> Condition:
    """Who is bound to one that was merged is bound to what that is read as."""
    return lambda eyes: column == read_as(MergedEnterprise, eyes.enterprise_id)


def of_enterprises(column: Any, *recorded_under: Any) -> dict[Relation, Condition]:
    """For a table whose rows belong to the enterprise named by `column`, and were recorded under another perhaps."""
    return {
        Relation.COUNTRIES: of_enterprises_in_own_countries(column),
        Relation.PROVIDED: trained_in(column, given_by_us),
        Relation.ASSIGNED: trained_in(column, given_by_me),
        Relation.ITSELF: at_home(column),
        Relation.CONSENTED: consenting(*recorded_under, column),
    }


def of_records(model: type[Observation] | type[Saving]) -> dict[Relation, Condition]:
    """A consent shows figures that were said: no drafts, and nothing that was sent back."""
    recorded: Any = col(model.recorded_under)
    shown, said = consenting(recorded, model.enterprise_id), col(model.state).not_in(UNSAID)
    return of_enterprises(model.enterprise_id) | {Relation.CONSENTED: lambda eyes: and_(shown(eyes), said)}


# --- partnerships and surveys ----------------------------------------------------------------------------------


def with_us(eyes: Eyes) -> ColumnElement[bool]:
    """Partnerships of which the asking organisation is a party."""
    party = func.jsonb_build_array(func.jsonb_build_object("organisation_id", eyes.organisation_id))
    return partnerships.parties.contains(party)


def opened_to_us(eyes: Eyes) -> ColumnElement[bool]:
    """Members of the asking organisation that let it see what they have agreed on."""
    return organisations.open_to.op("@>")(array([eyes.organisation_id]))


def with_us_or_our_members(eyes: Eyes) -> ColumnElement[bool]:
    return or_(with_us(eyes), names_any_of(partnerships.parties, organisations.id, opened_to_us(eyes)))


def of_partnerships(column: Any, those: Condition = with_us) -> Condition:
    return lambda eyes: column.in_(select(partnerships.id).where(those(eyes)))


def of_partnerships_trained(those: Condition) -> Condition:
    """Surveys of partnerships for which cycles of that kind are given."""
    return lambda eyes: surveys.partnership_id.in_(select(cycles.partnership_id).where(those(eyes)))


def in_countries_or_anywhere(eyes: Eyes) -> ColumnElement[bool]:
    """A survey of no country is of all."""
    return or_(surveys.country.is_(None), surveys.country == any_(eyes.countries))


visibility = Visibility(
    [
        Rule(Indicator, "indicators", {}),
        Rule(ExchangeRate, "exchange_rates", {}),
        Rule(Observation, "observations", of_records(Observation)),
        Rule(Saving, "savings", of_records(Saving)),
        Rule(
            Survey,
            "surveys",
            {
                Relation.COUNTRIES: in_countries_or_anywhere,
                Relation.PROVIDED: of_partnerships_trained(given_by_us),
                Relation.ASSIGNED: of_partnerships_trained(given_by_me),
                Relation.OPENED: of_partnerships(Survey.partnership_id, with_us_or_our_members),
            },
        ),
        Rule(
            SurveyResponse,
            "survey_responses",
            {Relation.COUNTRIES: of_enterprises_in_own_countries(SurveyResponse.enterprise_id)},
        ),
        Rule(
            Finding,
            "data_quality",
            {
                relation: condition
                for relation, condition in of_enterprises(Finding.enterprise_id).items()
                if relation is not Relation.CONSENTED
            },
        ),
        # what results are computed from, and what a body or a scope may refer to
        Rule(ModuleView, "modules", {}),
        Rule(PhaseView, "phases", {}),
        Rule(CountryPolicyView, "country_policies", {}),
        Rule(
            OrganisationView,
            "organisations",
            {Relation.COUNTRIES: nothing, Relation.ORGANISATION: nothing, Relation.PARTY: opened_to_us},
        ),
        Rule(
            PartnershipView,
            "partnerships",
            {
                Relation.COUNTRIES: lambda eyes: partnerships.countries.overlap(eyes.countries),
                Relation.WITHIN: nothing,
                Relation.PARTY: with_us,
                Relation.OPENED: with_us_or_our_members,
                Relation.ITSELF: nothing,
            },
        ),
        Rule(
            EnterpriseView,
            "enterprises",
            of_enterprises(EnterpriseView.id)
            | {Relation.COUNTRIES: lambda eyes: col(EnterpriseView.country) == any_(eyes.countries)},
        ),
        Rule(
            SupplyLinkView,
            "supply_links",
            {
                Relation.COUNTRIES: of_enterprises_in_own_countries(SupplyLinkView.enterprise_id),
                Relation.ITSELF: at_home(SupplyLinkView.enterprise_id),
                Relation.ORGANISATION: lambda eyes: col(SupplyLinkView.buyer_id) == eyes.organisation_id,
            },
        ),
        Rule(
            ConsentView,
            "consents",
            {
                Relation.COUNTRIES: nothing,
                Relation.ITSELF: at_home(ConsentView.enterprise_id),
                Relation.ORGANISATION: lambda eyes: or_(
                    col(ConsentView.grantee_id) == eyes.organisation_id, col(ConsentView.grantee_id).is_(None)
                ),
            },
        ),
        Rule(
            CycleView,
            "cycles",
            {
                Relation.COUNTRIES: in_own_countries,
                Relation.ORGANISATION: given_by_us,
                Relation.ASSIGNED: given_by_me,
                Relation.ITSELF: with_me_in_it,
                Relation.PARTY: of_partnerships(CycleView.partnership_id),
            },
        ),
        Rule(
            AttendanceView,
            "attendances",
            {
                Relation.COUNTRIES: of_cycles_in_own_countries(AttendanceView.cycle_id),
                Relation.PROVIDED: of_cycles(AttendanceView.cycle_id, given_by_us),
                Relation.ASSIGNED: of_cycles(AttendanceView.cycle_id, given_by_me),
                Relation.ITSELF: at_home(AttendanceView.enterprise_id),
            },
        ),
        Rule(
            VisitView,
            "visits",
            {
                Relation.COUNTRIES: of_cycles_in_own_countries(VisitView.cycle_id),
                Relation.PROVIDED: of_cycles(VisitView.cycle_id, given_by_us),
                Relation.ASSIGNED: of_cycles(VisitView.cycle_id, given_by_me),
                Relation.ITSELF: at_home(VisitView.enterprise_id),
                Relation.CONSENTED: consenting(col(VisitView.recorded_under), VisitView.enterprise_id),
            },
        ),
    ],
    unseen=[ParticipantView, ToldAnswers, ToldContributions, Vintage],
)
