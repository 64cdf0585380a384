"""enterprise_svc: the registry. This file is its table of contents."""

from fastapi import FastAPI

from services.enterprise_svc.access_log.commands import keep_receipts
from services.enterprise_svc.access_log.routes import router as access_log
from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.consents.routes import router as consents
from services.enterprise_svc.country_policies.routes import router as country_policies
from services.enterprise_svc.enterprises.routes import importer as enterprise_importer
from services.enterprise_svc.enterprises.routes import router as enterprises
from services.enterprise_svc.fees.routes import router as fees
from services.enterprise_svc.identifiers.routes import router as identifiers
from services.enterprise_svc.matching.routes import router as matching
from services.enterprise_svc.mergers.models import MergedEnterprise
from services.enterprise_svc.mergers.moving import move_stragglers
from services.enterprise_svc.mergers.redirect import Redirect
from services.enterprise_svc.mergers.routes import router as mergers
from services.enterprise_svc.nominations.commands import expire_nominations
from services.enterprise_svc.nominations.routes import router as nominations
from services.enterprise_svc.organisations.routes import router as organisations
from services.enterprise_svc.partnerships.routes import router as partnerships
from services.enterprise_svc.phases.routes import router as phases
from services.enterprise_svc.programmes.routes import router as programmes
from services.enterprise_svc.progress.routes import router as progress
from services.enterprise_svc.reference.routes import router as reference
from services.enterprise_svc.subscribers import subscriptions
from services.enterprise_svc.supply_links.routes import router as supply_links
from services.enterprise_svc.visibility import visibility
from shared.receipts import Receipts
from shared.service import create_service
from shared.settings import ServiceSettings
from shared.successors import Successors


def create_app(settings: ServiceSettings) -> FastAPI:
    return create_service(
        settings,
        title="SCORE enterprise registry",
        routers=[
            organisations,
            programmes,
            phases,
            country_policies,
            matching,
            enterprises,
            identifiers,
            mergers,
            supply_links,
            partnerships,
            nominations,
            fees,
            progress,
            consents,
            access_log,
            reference,
        ],
        subscriptions=subscriptions,
        visibility=visibility,
        importers=[enterprise_importer],
        receipts=Receipts(keep_receipts, Consent),
        chores=[expire_nominations, move_stragglers],
        successors=Successors(MergedEnterprise, "enterprise_id", "into"),
        inner=Redirect,
    )
