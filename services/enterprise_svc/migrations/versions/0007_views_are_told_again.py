"""what progress is counted from is told again where there was something before its views were"""

from datetime import UTC, datetime

import sqlalchemy as sa
import uuid_utils.compat
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "enterprise_0007"
down_revision = "enterprise_0006"
branch_labels = None
depends_on = None

TOLD_AGAIN = ("cycle", "attendance", "observation", "saving")
outbox = sa.table(
    "outbox",
    *(sa.column(name, sa.Uuid()) for name in ("event_id", "aggregate_id")),
    sa.column("aggregate_version", sa.Integer()),
    sa.column("payload", postgresql.JSONB()),
    *(sa.column(name, sa.Text()) for name in ("subject", "traceparent", "request_id", "by")),
    sa.column("occurred_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """As `python -m shared.rebuild` asks, but without emptying: what is there is newer or the same. A first start asks nobody."""
    if op.get_bind().scalar(sa.text("select exists (select from cycle_views)")):
        # the version of each is in the view already: the newer column would not be filled by the same
        op.execute("update cycle_views set version = 0")
        op.bulk_insert(outbox, [request_for(aggregate) for aggregate in TOLD_AGAIN])


def request_for(aggregate: str) -> dict[str, object]:
    id = uuid_utils.compat.uuid7()
    return {
        "event_id": uuid_utils.compat.uuid7(),
        "aggregate_id": id,
        "aggregate_version": 1,
        "payload": {"id": str(id), "version": 1, "aggregate": aggregate},
        "subject": "score.enterprise.rebuild.requested.v1",
        "traceparent": "",
        "request_id": "",
        "by": "score",
        "occurred_at": datetime.now(UTC),
    }


def downgrade() -> None:
    """What was told stays told."""
