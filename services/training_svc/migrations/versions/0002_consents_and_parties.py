"""consents, and who is party to a partnership: by them a buyer sees cycles and visits"""

from datetime import UTC, datetime

import sqlalchemy as sa
import uuid_utils.compat
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "training_0002"
down_revision = "training_0001"
branch_labels = None
depends_on = "common_0001"  # what was told before is asked for by its outbox


def upgrade() -> None:
    op.create_table(
        "consent_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("grantee_id", sa.Uuid(), nullable=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("consent_views_by_enterprise", "consent_views", ["enterprise_id", "grantee_id"])
    op.create_index(op.f("ix_consent_views_grantee_id"), "consent_views", ["grantee_id"])
    known = any_told()
    op.execute("delete from partnership_views")
    op.add_column("partnership_views", sa.Column("parties", postgresql.JSONB(), nullable=False))
    if known:
        for aggregate in ("consent", "partnership"):
            ask_again(aggregate)


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
                "subject": "score.training.rebuild.requested.v1",
                "traceparent": "",
                "request_id": "",
                "by": "score",
                "occurred_at": datetime.now(UTC),
            }
        ],
    )


def downgrade() -> None:
    op.drop_column("partnership_views", "parties")
    op.drop_table("consent_views")
