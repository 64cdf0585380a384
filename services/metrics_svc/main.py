"""metrics_svc: what enterprises report, what they and their people say, and the results of it. Its table of contents."""

from fastapi import FastAPI

from services.metrics_svc.data_quality.routes import router as data_quality
from services.metrics_svc.exchange_rates.routes import importer as exchange_rate_importer
from services.metrics_svc.exchange_rates.routes import router as exchange_rates
from services.metrics_svc.indicators.routes import router as indicators
from services.metrics_svc.mergers.commands import move_stragglers
from services.metrics_svc.observations.routes import importer as observation_importer
from services.metrics_svc.observations.routes import router as observations
from services.metrics_svc.publication.outside import Publisher
from services.metrics_svc.read_models.models import ConsentView, MergedEnterprise
from services.metrics_svc.results.routes import router as results
from services.metrics_svc.savings.routes import importer as saving_importer
from services.metrics_svc.savings.routes import router as savings
from services.metrics_svc.subscribers import subscriptions
from services.metrics_svc.surveys.importer import ResponseImporter
from services.metrics_svc.surveys.routes import router as surveys
from services.metrics_svc.surveys.slips import Slips
from services.metrics_svc.visibility import visibility
from shared.events.metrics import AccessRecorded
from shared.receipts import Receipts, told_as
from shared.service import create_service
from shared.settings import ServiceSettings
from shared.successors import Successors


def create_app(settings: ServiceSettings) -> FastAPI:
    response_importer = ResponseImporter(Slips(settings.secret.get_secret_value()))
    app = create_service(
        settings,
        title="SCORE metrics",
        routers=[indicators, observations, savings, exchange_rates, surveys, results, data_quality],
        subscriptions=subscriptions,
        importers=[exchange_rate_importer, observation_importer, saving_importer, response_importer],
        receipts=Receipts(told_as(AccessRecorded), ConsentView),
        visibility=visibility,
        chores=[move_stragglers],
        successors=Successors(MergedEnterprise, "enterprise_id"),
    )
    app.state.publisher = Publisher()
    return app
