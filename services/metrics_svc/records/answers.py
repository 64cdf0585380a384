from typing import Any

from pydantic import BaseModel

from services.metrics_svc.records.approval import Approval
from services.metrics_svc.records.schemas import ApprovalOut
from services.metrics_svc.records.versions import Stored
from shared.answers import JsonAnswer, ResourceAnswer, created, found


def already_there(out: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The other success of recording, for the contract."""
    return {200: {"model": out, "description": "The same content was there already; this is the record"}}


def recorded(stored: Stored, out: type[BaseModel]) -> ResourceAnswer:
    """201 for a first or further version, 200 for the record that said the same."""
    resource = out.model_validate(stored.record)
    return created(resource) if stored.is_new else found(resource)


def approval_answer(approval: Approval) -> JsonAnswer:
    return JsonAnswer(ApprovalOut.model_validate(approval), 202)
