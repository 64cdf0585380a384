from typing import Annotated

from fastapi import Query
from sqlmodel import select

from services.metrics_svc.observations import commands
from services.metrics_svc.observations.importer import ObservationImporter
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.observations.queries import observations_matching
from services.metrics_svc.observations.schemas import (
    AmendObservation,
    ApproveObservations,
    ObservationOut,
    ObservationQuery,
    RecordObservation,
)
from services.metrics_svc.records.answers import already_there, approval_answer, recorded
from services.metrics_svc.records.schemas import ApprovalOut, RecordQuery, ReturnToSender
from services.metrics_svc.records.versions import versions_of
from shared.answers import JsonAnswer, PageAnswer, ResourceAnswer, found
from shared.contract import page_of, patch_body
from shared.imports import import_routes
from shared.pagination import PagesDep, matching
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("observations")
importer = ObservationImporter()
import_routes(router, importer)


@router.post("", status_code=201, response_model=ObservationOut, responses=already_there(ObservationOut))
async def record_observation(session: SessionDep, command: RecordObservation) -> ResourceAnswer:
    """Record a figure. The same again is 200 with the one there; other content for the same enterprise, indicator, period and
    point is a new version, and the older approved one counts until the new one is approved."""
    return recorded(await commands.record_observation(session, command), ObservationOut)


@router.get("", response_model=page_of(ObservationOut))
async def list_observations(pages: PagesDep, query: Annotated[ObservationQuery, Query()]) -> PageAnswer:
    """Observations in all their versions."""
    statement = select(Observation).where(*observations_matching(query))
    return await pages.of(statement, Observation, ObservationOut, query)


@router.post("/approve", status_code=202, response_model=ApprovalOut)
async def approve_observations(session: SessionDep, command: ApproveObservations) -> JsonAnswer:
    """Approve many submitted observations at once, by their ids or by the list's filters. It is done when the answer comes; what
    the answer calls `remaining` is left for the same request again."""
    return approval_answer(await commands.approve_observations(session, command))


@router.get("/{observation_id}", response_model=ObservationOut)
async def get_observation(reader: ReaderDep, observation_id: Id) -> ResourceAnswer:
    """One version of an observation."""
    return found(ObservationOut.model_validate(await Observation.read(reader, observation_id)))


@router.patch("/{observation_id}", response_model=ObservationOut, openapi_extra=patch_body(AmendObservation))
async def amend_observation(
    session: SessionDep, observation_id: Id, match: IfMatchDep, patch: PatchDep
) -> ResourceAnswer:
    """Correct a draft or submitted observation (JSON Merge Patch); what identifies it stays."""
    return found(ObservationOut.model_validate(await commands.amend_observation(session, observation_id, match, patch)))


@router.get("/{observation_id}/versions", response_model=page_of(ObservationOut))
async def list_observation_versions(
    session: SessionDep, pages: PagesDep, observation_id: Id, query: Annotated[RecordQuery, Query()]
) -> PageAnswer:
    """All versions of the same enterprise, indicator, period and point."""
    versions = await versions_of(session, Observation, observation_id)
    return await pages.of(versions.where(*matching(Observation, query)), Observation, ObservationOut, query)


@router.post("/{observation_id}/submit", response_model=ObservationOut)
async def submit_observation(session: SessionDep, observation_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """Hand in a draft or a returned observation."""
    return found(ObservationOut.model_validate(await commands.submit_observation(session, observation_id, match)))


@router.post("/{observation_id}/approve", response_model=ObservationOut)
async def approve_observation(session: SessionDep, observation_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """Let it count from now on; versions before it are superseded."""
    return found(ObservationOut.model_validate(await commands.approve_observation(session, observation_id, match)))


@router.post("/{observation_id}/return", response_model=ObservationOut)
async def return_observation(
    session: SessionDep, observation_id: Id, match: VerbMatchDep, command: ReturnToSender
) -> ResourceAnswer:
    """Give a submitted observation back, with the reason."""
    returned = await commands.return_observation(session, observation_id, match, command.reason)
    return found(ObservationOut.model_validate(returned))
