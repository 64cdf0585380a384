"""fees of partnerships, and what their progress is counted from

The views begin empty. Where there are cycles, attendances, observations and savings already, they are told again:
`python -m shared.rebuild enterprise cycle`, then `attendance`, `observation`, `saving`.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "enterprise_0003"
down_revision = "enterprise_0002"
branch_labels = None
depends_on = None

INDEXED = ("country", "created_at", "enterprise_id", "partnership_id", "state", "updated_at")
RECORDS = ("observation_views", "saving_views")


def upgrade() -> None:
    op.create_table(
        "fees",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("party_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("amount", postgresql.JSONB(), nullable=False),
        sa.Column("shares", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state", sa.Enum("agreed", "cancelled", name="feestate", native_enum=False, length=40), nullable=False
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnerships.id"]),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "created_by", "external_ref", name="fees_external_ref"),
    )
    op.create_index("fees_ref", "fees", ["external_ref"])
    op.create_index("fees_parties", "fees", ["party_ids"], postgresql_using="gin")
    op.create_index("fees_shares", "fees", ["shares"], postgresql_using="gin")
    for column in INDEXED:
        op.create_index(f"ix_fees_{column}", "fees", [column])
    op.add_column("cycle_views", sa.Column("partnership_id", sa.Uuid(), nullable=True))
    op.create_index("ix_cycle_views_partnership_id", "cycle_views", ["partnership_id"])
    op.create_table(
        "attendance_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("cycle_id", "enterprise_id"):
        op.create_index(f"ix_attendance_views_{column}", "attendance_views", [column])
    for table in RECORDS:
        op.create_table(
            table,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("enterprise_id", sa.Uuid(), nullable=False),
            sa.Column("state", sa.String(), nullable=False),
            sa.PrimaryKeyConstraint("id"),
        )
        approved = sa.text("state = 'approved'")
        op.create_index(f"{table}_approved", table, ["enterprise_id"], postgresql_where=approved)


def downgrade() -> None:
    for table in (*RECORDS, "attendance_views"):
        op.drop_table(table)
    op.drop_index("ix_cycle_views_partnership_id", table_name="cycle_views")
    op.drop_column("cycle_views", "partnership_id")
    op.drop_table("fees")
