"""mergers of enterprises"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "metrics_0006"
down_revision = "metrics_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("kind", sa.Enum("collision", name="findingkind", native_enum=False, length=40), nullable=False),
        sa.Column("collection", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("other_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "accepted", "mended", name="findingstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="findings_external_ref"),
        sa.UniqueConstraint("kind", "collection", "enterprise_id", "subject", name="findings_subject"),
    )
    op.create_index(op.f("ix_findings_collection"), "findings", ["collection"], unique=False)
    op.create_index(op.f("ix_findings_created_at"), "findings", ["created_at"], unique=False)
    op.create_index(op.f("ix_findings_enterprise_id"), "findings", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_findings_kind"), "findings", ["kind"], unique=False)
    op.create_index(op.f("ix_findings_state"), "findings", ["state"], unique=False)
    op.create_index(op.f("ix_findings_updated_at"), "findings", ["updated_at"], unique=False)
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
    op.add_column("attendance_views", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_attendance_views_recorded_under"), "attendance_views", ["recorded_under"], unique=False)
    op.add_column("consent_views", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.add_column("consent_views", sa.Column("covers", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.execute("update consent_views set covers = array[enterprise_id]")
    op.alter_column("consent_views", "covers", nullable=False)
    op.create_index("consent_views_by_coverage", "consent_views", ["covers"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_consent_views_recorded_under"), "consent_views", ["recorded_under"], unique=False)
    op.add_column("cycle_views", sa.Column("recorded_ids", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.add_column("observations", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.add_column("observations", sa.Column("outranked_from", sa.String(), nullable=True))
    op.drop_constraint(op.f("observations_key"), "observations", type_="unique")
    op.create_unique_constraint(
        "observations_key",
        "observations",
        ["enterprise_id", "indicator", "period", "point", "revision", "recorded_under"],
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(op.f("ix_observations_recorded_under"), "observations", ["recorded_under"], unique=False)
    op.add_column("savings", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.add_column("savings", sa.Column("outranked_from", sa.String(), nullable=True))
    op.drop_constraint(op.f("savings_key"), "savings", type_="unique")
    op.create_unique_constraint(
        "savings_key",
        "savings",
        ["enterprise_id", "month", "recurrence", "reference", "revision", "recorded_under"],
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(op.f("ix_savings_recorded_under"), "savings", ["recorded_under"], unique=False)
    op.add_column("supply_link_views", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_supply_link_views_recorded_under"), "supply_link_views", ["recorded_under"], unique=False)
    op.add_column("survey_responses", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_survey_responses_recorded_under"), "survey_responses", ["recorded_under"], unique=False)
    op.add_column("visit_views", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_visit_views_enterprise_id"), "visit_views", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_visit_views_recorded_under"), "visit_views", ["recorded_under"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_visit_views_recorded_under"), table_name="visit_views")
    op.drop_index(op.f("ix_visit_views_enterprise_id"), table_name="visit_views")
    op.drop_column("visit_views", "recorded_under")
    op.drop_index(op.f("ix_survey_responses_recorded_under"), table_name="survey_responses")
    op.drop_column("survey_responses", "recorded_under")
    op.drop_index(op.f("ix_supply_link_views_recorded_under"), table_name="supply_link_views")
    op.drop_column("supply_link_views", "recorded_under")
    op.drop_index(op.f("ix_savings_recorded_under"), table_name="savings")
    op.drop_constraint("savings_key", "savings", type_="unique")
    op.create_unique_constraint(
        op.f("savings_key"), "savings", ["enterprise_id", "month", "recurrence", "reference", "revision"]
    )
    op.drop_column("savings", "outranked_from")
    op.drop_column("savings", "recorded_under")
    op.drop_index(op.f("ix_observations_recorded_under"), table_name="observations")
    op.drop_constraint("observations_key", "observations", type_="unique")
    op.create_unique_constraint(
        op.f("observations_key"), "observations", ["enterprise_id", "indicator", "period", "point", "revision"]
    )
    op.drop_column("observations", "outranked_from")
    op.drop_column("observations", "recorded_under")
    op.drop_column("cycle_views", "recorded_ids")
    op.drop_index(op.f("ix_consent_views_recorded_under"), table_name="consent_views")
    op.drop_index("consent_views_by_coverage", table_name="consent_views", postgresql_using="gin")
    op.drop_column("consent_views", "covers")
    op.drop_column("consent_views", "recorded_under")
    op.drop_index(op.f("ix_attendance_views_recorded_under"), table_name="attendance_views")
    op.drop_column("attendance_views", "recorded_under")
    op.drop_index(op.f("ix_merged_enterprises_successor_id"), table_name="merged_enterprises")
    op.drop_index(op.f("ix_merged_enterprises_merged_into"), table_name="merged_enterprises")
    op.drop_table("merged_enterprises")
    op.drop_index(op.f("ix_findings_updated_at"), table_name="findings")
    op.drop_index(op.f("ix_findings_state"), table_name="findings")
    op.drop_index(op.f("ix_findings_kind"), table_name="findings")
    op.drop_index(op.f("ix_findings_enterprise_id"), table_name="findings")
    op.drop_index(op.f("ix_findings_created_at"), table_name="findings")
    op.drop_index(op.f("ix_findings_collection"), table_name="findings")
    op.drop_table("findings")
