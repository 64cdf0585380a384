"""Door 2: what this service does when it hears of something: it keeps its views of the registry and of training;
and what it tells again when asked."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.indicators.models import Indicator
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.read_models.models import (
    AttendanceView,
    CycleView,
    EnterpriseView,
    ModuleView,
    OrganisationView,
    PartnershipView,
    PhaseView,
    SupplyLinkView,
    VisitView,
)
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.surveys.models import Survey
from shared.consumer import Subscriptions
from shared.events import Event
from shared.events.enterprise import EnterpriseState, OrganisationState, PartnershipState, PhaseState, SupplyLinkState
from shared.events.metrics import (
    ExchangeRateSnapshot,
    IndicatorSnapshot,
    ObservationSnapshot,
    SavingSnapshot,
    SurveySnapshot,
)
from shared.events.training import AttendanceState, CycleState, ModuleState, VisitState
from shared.views import keep_newest

subscriptions = Subscriptions()

subscriptions.views("enterprise", EnterpriseView)
subscriptions.views("organisation", OrganisationView)
subscriptions.views("phase", PhaseView)
subscriptions.views("partnership", PartnershipView)
subscriptions.views("supply_link", SupplyLinkView)
subscriptions.views("module", ModuleView)
subscriptions.views("cycle", CycleView)
subscriptions.views("attendance", AttendanceView)
subscriptions.views("visit", VisitView)


def facts_of(state: type[Event]) -> Sequence[type[Event]]:
    """Every event of one aggregate: each carries its whole state, and its publisher may come to tell more kinds."""
    return state.__subclasses__()


async def keep(session: AsyncSession, view: Any, event: Event, **written: Any) -> None:
    """Copies the fields that are columns of `view`; `written` are those it writes in another form."""
    columns = view.__table__.columns.keys() & type(event).model_fields.keys()
    await keep_newest(session, view, **(event.model_dump(include=columns) | written))


# --- of the registry -------------------------------------------------------------------------------------------


@subscriptions.on(*facts_of(EnterpriseState))
async def on_enterprise(session: AsyncSession, event: EnterpriseState) -> None:
    await keep(session, EnterpriseView, event)


@subscriptions.on(*facts_of(OrganisationState))
async def on_organisation(session: AsyncSession, event: OrganisationState) -> None:
    await keep(session, OrganisationView, event)


@subscriptions.on(*facts_of(PhaseState))
async def on_phase(session: AsyncSession, event: PhaseState) -> None:
    await keep(session, PhaseView, event)


@subscriptions.on(*facts_of(PartnershipState))
async def on_partnership(session: AsyncSession, event: PartnershipState) -> None:
    parties = [party.model_dump(mode="json") for party in event.parties]
    await keep(session, PartnershipView, event, parties=parties)


@subscriptions.on(*facts_of(SupplyLinkState))
async def on_supply_link(session: AsyncSession, event: SupplyLinkState) -> None:
    await keep(session, SupplyLinkView, event)


# --- of training -----------------------------------------------------------------------------------------------


@subscriptions.on(*facts_of(ModuleState))
async def on_module(session: AsyncSession, event: ModuleState) -> None:
    await keep(session, ModuleView, event)


@subscriptions.on(*facts_of(CycleState))
async def on_cycle(session: AsyncSession, event: CycleState) -> None:
    await keep(session, CycleView, event)


@subscriptions.on(*facts_of(AttendanceState))
async def on_attendance(session: AsyncSession, event: AttendanceState) -> None:
    await keep(session, AttendanceView, event)


@subscriptions.on(*facts_of(VisitState))
async def on_visit(session: AsyncSession, event: VisitState) -> None:
    await keep(session, VisitView, event)


# --- told again ------------------------------------------------------------------------------------------------

AT_ONCE = 500


async def told(session: AsyncSession, model: Any, snapshot: type[Event]) -> AsyncIterator[Event]:
    """Streamed: a million observations do not fit into memory."""
    async for row in await session.stream_scalars(select(model).execution_options(yield_per=AT_ONCE)):
        yield snapshot.model_validate(row, from_attributes=True)
        session.expunge(row)


@subscriptions.snapshots("indicator")
def indicator_snapshots(session: AsyncSession) -> AsyncIterator[Event]:
    return told(session, Indicator, IndicatorSnapshot)


@subscriptions.snapshots("observation")
def observation_snapshots(session: AsyncSession) -> AsyncIterator[Event]:
    return told(session, Observation, ObservationSnapshot)


@subscriptions.snapshots("saving")
def saving_snapshots(session: AsyncSession) -> AsyncIterator[Event]:
    return told(session, Saving, SavingSnapshot)


@subscriptions.snapshots("exchange_rate")
def exchange_rate_snapshots(session: AsyncSession) -> AsyncIterator[Event]:
    return told(session, ExchangeRate, ExchangeRateSnapshot)


@subscriptions.snapshots("survey")
def survey_snapshots(session: AsyncSession) -> AsyncIterator[Event]:
    return told(session, Survey, SurveySnapshot)
