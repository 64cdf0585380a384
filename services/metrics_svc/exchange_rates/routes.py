from typing import Annotated

from fastapi import Query

from services.metrics_svc.exchange_rates import commands
from services.metrics_svc.exchange_rates.importer import ExchangeRateImporter
from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.exchange_rates.schemas import ExchangeRateOut, ExchangeRateQuery, RecordExchangeRate
from services.metrics_svc.records.schemas import within_months
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.imports import import_routes
from shared.pagination import PERIOD, PagesDep, select_matching
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep
from shared.types import Id

router = Router("exchange-rates")
importer = ExchangeRateImporter()
import_routes(router, importer)


@router.post("", status_code=201, response_model=ExchangeRateOut)
async def record_exchange_rate(session: SessionDep, command: RecordExchangeRate) -> ResourceAnswer:
    """Record how many units of a currency one USD was in a month."""
    return created(ExchangeRateOut.model_validate(await commands.record_exchange_rate(session, command)))


@router.get("", response_model=page_of(ExchangeRateOut))
async def list_exchange_rates(pages: PagesDep, query: Annotated[ExchangeRateQuery, Query()]) -> PageAnswer:
    """Exchange rates, filtered by currency and month."""
    statement = select_matching(ExchangeRate, query, *PERIOD).where(*within_months(ExchangeRate.month, query))
    return await pages.of(statement, ExchangeRate, ExchangeRateOut, query)


@router.get("/{exchange_rate_id}", response_model=ExchangeRateOut)
async def get_exchange_rate(reader: ReaderDep, exchange_rate_id: Id) -> ResourceAnswer:
    """One exchange rate."""
    return found(ExchangeRateOut.model_validate(await ExchangeRate.read(reader, exchange_rate_id)))


@router.patch("/{exchange_rate_id}", response_model=ExchangeRateOut, openapi_extra=patch_body(RecordExchangeRate))
async def amend_exchange_rate(
    session: SessionDep, exchange_rate_id: Id, match: IfMatchDep, patch: PatchDep
) -> ResourceAnswer:
    """Correct a rate (JSON Merge Patch); its currency and month stay."""
    return found(
        ExchangeRateOut.model_validate(await commands.amend_exchange_rate(session, exchange_rate_id, match, patch))
    )
