"""the countries of a partnership: by them a coordinator sees it"""

from datetime import UTC, datetime

import sqlalchemy as sa
import uuid_utils.compat
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "metrics_0003"
down_revision = "metrics_0002"
branch_labels = None
depends_on = "common_0001"  # what was told before is asked for by its outbox


def upgrade() -> None:
    known = any_told()
    op.execute("delete from partnership_views")
    op.add_column("partnership_views", sa.Column("countries", postgresql.ARRAY(sa.Text()), nullable=False))
    if known:
        ask_again("partnership")


def any_told() -> bool:
    """Not in a new installation, where all is still to come."""
    return bool(op.get_bind().execute(sa.text("select exists (select from enterprise_views)")).scalar())


def ask_again(aggregate: str) -> None:
    """As `python -m shared.rebuild` does: the registry tells all present states once more."""
    id = uuid_utils.compat.uuid7()
    outbox = sa.table(
        "outbox",
        *(sa.column(name, sa.Uuid()) for name in ("event_id", "aggregate_id")),
        sa.column("aggregate_version", sa.Integer()),
        sa.column("payload", postgresql.JSONB()),
        *(sa.column(name, sa.Text()) for name in ("subject", "traceparent", "request_id", "by")),
        sa.column("occurred_at", sa.DateTime(timezone=True)),
    )
    op.bulk_insert(
        outbox,
        [
            {
                "event_id": id,
                "aggregate_id": id,
                "aggregate_version": 1,
                "payload": {"id": str(id), "version": 1, "aggregate": aggregate},
                "subject": "score.metrics.rebuild.requested.v1",
                "traceparent": "",
                "request_id": "",
                "by": "score",
                "occurred_at": datetime.now(UTC),
            }
        ],
    )


def downgrade() -> None:
    op.drop_column("partnership_views", "countries")
