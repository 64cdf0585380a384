"""Who sees what of training: the relations of the permission matrix, as conditions on this service's tables.

Everything hangs on the cycle: its country, its provider, its trainers, the partnership it is given for. A buyer sees the cycles
of its partnerships, and the visits to those who allow it; a donor sees none of it.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, any_, false, func, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col

from services.training_svc.attendances.models import Attendance
from services.training_svc.cycles.models import Cycle
from services.training_svc.modules.models import Module
from services.training_svc.participants.models import Participant
from services.training_svc.read_models.registry import (
    ConsentView,
    EnterpriseView,
    MergedEnterprise,
    OrganisationView,
    PartnershipView,
    PhaseView,
)
from services.training_svc.trainers.models import Trainer
from services.training_svc.visits.models import Visit
from shared.consents import live_now, shown_to
from shared.permissions.relations import Relation
from shared.permissions.visibility import Condition, Rule, Visibility
from shared.permissions.who import Eyes
from shared.successors import read_as

cycles, enterprises, partnerships, consents = (
    Cycle.metadata.tables[name].c for name in ("cycles", "enterprise_views", "partnership_views", "consent_views")
)


def nothing(_: Eyes) -> ColumnElement[bool]:
    """What is needed to say so lies in another service."""
    return false()


# --- cycles ----------------------------------------------------------------------------------------------------


def in_own_countries(eyes: Eyes) -> ColumnElement[bool]:
    return cycles.country == any_(eyes.countries)


def given_by_us(eyes: Eyes) -> ColumnElement[bool]:
    return cycles.provider_id == eyes.organisation_id


def given_by_me(eyes: Eyes) -> ColumnElement[bool]:
    mine = eyes.trainer_id
    return or_(cycles.lead_trainer_id == mine, cycles.supervisor_id == mine, mine == any_(cycles.co_trainer_ids))


def with_me_in_it(eyes: Eyes) -> ColumnElement[bool]:
    """Cycles in which the asking enterprise takes part."""
    return cycles.enterprise_ids.contains(array([read_as(MergedEnterprise, eyes.enterprise_id)]))


def of_our_partnerships(eyes: Eyes) -> ColumnElement[bool]:
    return cycles.partnership_id.in_(select(partnerships.id).where(with_us(eyes)))


def of_cycles(column: Any, those: Condition) -> Condition:
    """What belongs to cycles of that kind."""
    return lambda eyes: column.in_(select(cycles.id).where(those(eyes)))


# --- enterprises, and what is theirs ---------------------------------------------------------------------------


def trained_in(column: Any, those: Condition) -> Condition:
    """Enterprises that take part in cycles of that kind."""
    return lambda eyes: column.in_(select(func.unnest(cycles.enterprise_ids)).where(those(eyes)))


def of_cycles_in_own_countries(column: Any) -> Condition:
    return lambda eyes: eyes.look_after_whom(column, cycles.id, cycles.country)


def of_enterprises_in_own_countries(column: Any) -> Condition:
    return lambda eyes: eyes.look_after_whom(column, enterprises.id, enterprises.country)


def at_home(column: Any) -> Condition:
    """Who is bound to one that was merged is bound to what that is read as."""
    return lambda eyes: column == read_as(MergedEnterprise, eyes.enterprise_id)


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


# --- partnerships ----------------------------------------------------------------------------------------------


def with_us(eyes: Eyes) -> ColumnElement[bool]:
    """Partnerships of which the asking organisation is a party."""
    party = func.jsonb_build_array(func.jsonb_build_object("organisation_id", eyes.organisation_id))
    return partnerships.parties.contains(party)


def overlapping_countries(eyes: Eyes) -> ColumnElement[bool]:
    overlap: ColumnElement[bool] = partnerships.countries.overlap(eyes.countries)
    return overlap


visibility = Visibility(
    [
        Rule(Module, "modules", {}),
        Rule(
            Trainer,
            "trainers",
            {
                Relation.COUNTRIES: lambda eyes: col(Trainer.country) == any_(eyes.countries),
                Relation.ORGANISATION: lambda eyes: col(Trainer.organisation_id) == eyes.organisation_id,
                Relation.ITSELF: lambda eyes: col(Trainer.id) == eyes.trainer_id,
            },
        ),
        Rule(
            Cycle,
            "cycles",
            {
                Relation.COUNTRIES: in_own_countries,
                Relation.ORGANISATION: given_by_us,
                Relation.ASSIGNED: given_by_me,
                Relation.ITSELF: with_me_in_it,
                Relation.PARTY: of_our_partnerships,
            },
        ),
        Rule(
            Participant,
            "participants",
            {
                Relation.COUNTRIES: of_enterprises_in_own_countries(Participant.enterprise_id),
                Relation.PROVIDED: trained_in(Participant.enterprise_id, given_by_us),
                Relation.ASSIGNED: trained_in(Participant.enterprise_id, given_by_me),
                Relation.ITSELF: at_home(Participant.enterprise_id),
            },
        ),
        Rule(
            Attendance,
            "attendances",
            {
                Relation.COUNTRIES: of_cycles_in_own_countries(Attendance.cycle_id),
                Relation.PROVIDED: of_cycles(Attendance.cycle_id, given_by_us),
                Relation.ASSIGNED: of_cycles(Attendance.cycle_id, given_by_me),
                Relation.ITSELF: at_home(Attendance.enterprise_id),
            },
        ),
        Rule(
            Visit,
            "visits",
            {
                Relation.COUNTRIES: of_cycles_in_own_countries(Visit.cycle_id),
                Relation.PROVIDED: of_cycles(Visit.cycle_id, given_by_us),
                Relation.ASSIGNED: lambda eyes: or_(
                    col(Visit.trainer_id) == eyes.trainer_id, of_cycles(Visit.cycle_id, given_by_me)(eyes)
                ),
                Relation.ITSELF: at_home(Visit.enterprise_id),
                Relation.CONSENTED: consenting(col(Visit.recorded_under), Visit.enterprise_id),
            },
        ),
        # what a body may refer to
        Rule(
            OrganisationView,
            "organisations",
            {
                Relation.COUNTRIES: lambda eyes: col(OrganisationView.country) == any_(eyes.countries),
                Relation.ORGANISATION: nothing,
                Relation.PARTY: nothing,
            },
        ),
        Rule(PhaseView, "phases", {}),
        Rule(
            PartnershipView,
            "partnerships",
            {
                Relation.COUNTRIES: overlapping_countries,
                Relation.WITHIN: nothing,
                Relation.PARTY: with_us,
                # what members open is agreed on and counted, not who is trained
                Relation.OPENED: with_us,
                Relation.ITSELF: nothing,
            },
        ),
        Rule(
            EnterpriseView,
            "enterprises",
            {
                Relation.COUNTRIES: lambda eyes: col(EnterpriseView.country) == any_(eyes.countries),
                Relation.PROVIDED: trained_in(EnterpriseView.id, given_by_us),
                Relation.ASSIGNED: trained_in(EnterpriseView.id, given_by_me),
                Relation.ITSELF: at_home(EnterpriseView.id),
                Relation.CONSENTED: consenting(EnterpriseView.id),
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
    ]
)
