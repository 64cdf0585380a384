"""the catalogue of indicators, and the events that tell of them"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "metrics_0002"
down_revision = "metrics_0001"
branch_labels = None
depends_on = "common_0001"  # their events go into its outbox

# code, name, unit of the numerator, which change is better, how the figures of many enterprises become one
CATALOGUE = [
    ("EIP01", "Improvement actions done, verified", "actions", "higher", "computed"),
    ("FIN01", "Cost recovery: training cost covered by others than the ILO", "USD", "higher", "computed"),
    ("FIN02", "Fee per enterprise, and who paid it", "USD", "none", "computed"),
    ("INS01", "Institutions that have SCORE in their portfolio", "institutions", "higher", "computed"),
    ("INS02", "Agreements and licences signed", "agreements", "higher", "computed"),
    ("INS03", "Institutions and companies that sponsor", "institutions", "higher", "computed"),
    ("JOB01C", "Casual jobs created and lost", "persons", "higher", "sum"),
    ("JOB01P", "Permanent jobs created and lost", "persons", "higher", "sum"),
    ("KPI01", "Cost savings", "USD", "higher", "computed"),
    ("KPI02", "Defect rate: defective of all units", "units", "lower", "share_and_mean"),
    ("KPI03", "Material used per production unit", "kg", "lower", "share_and_mean"),
    ("KPI04", "Energy used per production unit", "kWh", "lower", "share_and_mean"),
    ("KPI05", "Waste produced per production unit", "kg", "lower", "share_and_mean"),
    ("KPI06F", "Accidents per 1,000,000 hours worked", "cases", "lower", "share_and_mean"),
    ("KPI06I", "Accidents per 1,000 workers", "cases", "lower", "share_and_mean"),
    ("KPI07", "Absenteeism: days lost of days scheduled", "days", "lower", "share_and_mean"),
    ("KPI08", "Labour turnover: separations of workers", "persons", "lower", "share_and_mean"),
    ("KPI09", "Labour productivity per hour worked", "units", "higher", "share_and_mean"),
    ("KPI10", "Production cost per production unit", "currency", "lower", "share_and_mean"),
    ("KPI11", "Output capacity per month", "units", "higher", "share_and_mean"),
    ("KPI12", "On-time delivery: orders on time of orders due", "orders", "higher", "share_and_mean"),
    ("KPI13", "Water used per production unit", "m3", "lower", "share_and_mean"),
    ("KPI14", "Customer complaints and returns per order", "cases", "lower", "share_and_mean"),
    ("KPI15I", "Suggestions implemented of suggestions made", "cases", "higher", "share_and_mean"),
    ("KPI15M", "Suggestions made per worker", "cases", "higher", "share_and_mean"),
    ("KPI16R", "Grievances received", "cases", "none", "rate"),
    ("KPI16T", "Grievances resolved on time", "cases", "higher", "rate"),
    ("KPI17", "Average monthly wage of workers, without overtime", "currency", "higher", "share_and_mean"),
    ("KPI18", "Overtime hours per worker", "hours", "lower", "share_and_mean"),
    ("OUT01", "Enterprises trained", "enterprises", "higher", "computed"),
    ("OUT02", "Staff trained", "persons", "higher", "computed"),
    ("OUT03", "Enterprise visits done", "visits", "higher", "computed"),
    ("OUT04", "Workforce of the enterprises trained", "persons", "higher", "computed"),
    ("OUT05", "Enterprises that took more than module 1", "enterprises", "higher", "computed"),
    ("OUT06", "Women among the participants", "persons", "higher", "computed"),
    ("OUT07", "Workers and managers among the participants", "persons", "none", "computed"),
    ("PRA01", "An improvement team exists and has met", "yes_no", "higher", "yes_share"),
    ("PRA02", "5S is applied", "yes_no", "higher", "yes_share"),
    ("PRA03", "Daily meetings are held", "yes_no", "higher", "yes_share"),
    ("PRA04", "A suggestion scheme works", "yes_no", "higher", "yes_share"),
    ("PRA05", "Cost of quality, waste, energy or accidents is tracked", "yes_no", "higher", "yes_share"),
    (
        "PRA06",
        "Written contracts, job descriptions, a policy against discrimination and harassment",
        "yes_no",
        "higher",
        "yes_share",
    ),
    ("PRA07", "A safety committee, risk assessments, a record of near misses", "yes_no", "higher", "yes_share"),
    ("REP01", "Enterprises that provide basic reporting", "enterprises", "higher", "computed"),
    ("SAT01", "Satisfaction: participants who gave 4 or 5 of 5", "persons", "higher", "computed"),
    ("SAT02", "Satisfaction, mean of 1 to 5", "points", "higher", "computed"),
    ("SRV01", "Agreement with the items of surveys", "persons", "higher", "computed"),
    ("TRN01", "Trainers trained, certified, active", "persons", "higher", "computed"),
    ("TRN02", "Expert trainers available", "persons", "higher", "computed"),
]
NAMES = ("code", "name", "unit", "direction", "aggregation")
indicators = sa.table(
    "indicators",
    sa.column("id", sa.Uuid()),
    sa.column("version", sa.Integer()),
    *(sa.column(name, sa.DateTime(timezone=True)) for name in ("created_at", "updated_at")),
    *(sa.column(name, sa.Text()) for name in ("created_by", *NAMES)),
)
outbox = sa.table(
    "outbox",
    *(sa.column(name, sa.Uuid()) for name in ("event_id", "aggregate_id")),
    sa.column("aggregate_version", sa.Integer()),
    sa.column("payload", postgresql.JSONB()),
    *(sa.column(name, sa.Text()) for name in ("subject", "traceparent", "request_id", "by")),
    sa.column("occurred_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Rows and events in one transaction, as a command would write them. Ids are fixed, of the events too."""
    now = datetime.now(UTC)
    for n, defined in enumerate(CATALOGUE, start=1):
        indicator = dict(zip(NAMES, defined, strict=True))
        id = UUID(f"01941f29-7c00-7000-8000-0000000001{n:02x}")
        row = {"id": id, "version": 1, "created_by": "score", "created_at": now, "updated_at": now}
        op.bulk_insert(indicators, [row | indicator])
        told = {
            "event_id": UUID(f"01941f29-7c00-7000-9000-0000000001{n:02x}"),
            "aggregate_id": id,
            "aggregate_version": 1,
            "payload": {"id": str(id), "version": 1, **indicator},
            "subject": "score.metrics.indicator.defined.v1",
            "traceparent": "",
            "request_id": "",
            "by": "score",
            "occurred_at": now,
        }
        op.bulk_insert(outbox, [told])


def downgrade() -> None:
    op.execute(indicators.delete().where(indicators.c.created_by == "score"))
