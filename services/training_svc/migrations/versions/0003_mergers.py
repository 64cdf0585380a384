"""mergers of enterprises"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "training_0003"
down_revision = "training_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merged_enterprises",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_merged_enterprises_merged_into"), "merged_enterprises", ["merged_into"], unique=False)
    op.create_index(op.f("ix_merged_enterprises_successor_id"), "merged_enterprises", ["successor_id"], unique=False)
    op.add_column("attendances", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.add_column("attendances", sa.Column("recorded_for", sa.Uuid(), nullable=True))
    op.drop_constraint(op.f("attendances_day"), "attendances", type_="unique")
    op.create_index(
        "attendances_day",
        "attendances",
        ["participant_id", "cycle_id", "date"],
        unique=True,
        postgresql_where=sa.text("recorded_for is null"),
    )
    op.create_index(op.f("ix_attendances_recorded_for"), "attendances", ["recorded_for"], unique=False)
    op.create_index(op.f("ix_attendances_recorded_under"), "attendances", ["recorded_under"], unique=False)
    op.add_column(
        "cycles",
        sa.Column("recorded_enterprises", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.add_column("participants", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.add_column("participants", sa.Column("superseded_by", sa.Uuid(), nullable=True))
    op.drop_constraint(op.f("participants_reference"), "participants", type_="unique")
    op.create_index(
        "participants_reference",
        "participants",
        ["enterprise_id", "reference"],
        unique=True,
        postgresql_where=sa.text("superseded_by is null"),
    )
    op.create_index(op.f("ix_participants_recorded_under"), "participants", ["recorded_under"], unique=False)
    op.create_index(op.f("ix_participants_superseded_by"), "participants", ["superseded_by"], unique=False)
    op.add_column("visits", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.add_column("visits", sa.Column("outranked_from", sa.String(), nullable=True))
    op.drop_constraint(op.f("visits_sequence"), "visits", type_="unique")
    op.create_index(
        "visits_sequence",
        "visits",
        ["cycle_id", "enterprise_id", "sequence"],
        unique=True,
        postgresql_where=sa.text("state <> 'superseded'"),
    )
    op.create_index(op.f("ix_visits_recorded_under"), "visits", ["recorded_under"], unique=False)
    op.add_column("consent_views", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.add_column("consent_views", sa.Column("covers", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.execute("update consent_views set covers = array[enterprise_id]")
    op.alter_column("consent_views", "covers", nullable=False)
    op.create_index("consent_views_by_coverage", "consent_views", ["covers"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_consent_views_recorded_under"), "consent_views", ["recorded_under"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_consent_views_recorded_under"), table_name="consent_views")
    op.drop_index("consent_views_by_coverage", table_name="consent_views", postgresql_using="gin")
    op.drop_column("consent_views", "covers")
    op.drop_column("consent_views", "recorded_under")
    op.drop_index(op.f("ix_visits_recorded_under"), table_name="visits")
    op.drop_index("visits_sequence", table_name="visits", postgresql_where=sa.text("state <> 'superseded'"))
    op.create_unique_constraint(op.f("visits_sequence"), "visits", ["cycle_id", "enterprise_id", "sequence"])
    op.drop_column("visits", "outranked_from")
    op.drop_column("visits", "recorded_under")
    op.drop_index(op.f("ix_participants_superseded_by"), table_name="participants")
    op.drop_index(op.f("ix_participants_recorded_under"), table_name="participants")
    op.drop_index(
        "participants_reference", table_name="participants", postgresql_where=sa.text("superseded_by is null")
    )
    op.create_unique_constraint(op.f("participants_reference"), "participants", ["enterprise_id", "reference"])
    op.drop_column("participants", "superseded_by")
    op.drop_column("participants", "recorded_under")
    op.drop_column("cycles", "recorded_enterprises")
    op.drop_index(op.f("ix_attendances_recorded_under"), table_name="attendances")
    op.drop_index(op.f("ix_attendances_recorded_for"), table_name="attendances")
    op.drop_index("attendances_day", table_name="attendances", postgresql_where=sa.text("recorded_for is null"))
    op.create_unique_constraint(op.f("attendances_day"), "attendances", ["participant_id", "cycle_id", "date"])
    op.drop_column("attendances", "recorded_for")
    op.drop_column("attendances", "recorded_under")
    op.drop_index(op.f("ix_merged_enterprises_successor_id"), table_name="merged_enterprises")
    op.drop_index(op.f("ix_merged_enterprises_merged_into"), table_name="merged_enterprises")
    op.drop_table("merged_enterprises")
