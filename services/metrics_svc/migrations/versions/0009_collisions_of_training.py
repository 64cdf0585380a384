"""which visits and participants gave way in a merger"""

import sqlalchemy as sa
from alembic import op

revision = "metrics_0009"
down_revision = "metrics_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit_views", sa.Column("sequence", sa.Integer(), nullable=True))
    op.create_table(
        "participant_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_under", sa.Uuid(), nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_participant_views_enterprise_id"), "participant_views", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_participant_views_recorded_under"), "participant_views", ["recorded_under"], unique=False)


def downgrade() -> None:
    op.drop_table("participant_views")
    op.drop_column("visit_views", "sequence")
