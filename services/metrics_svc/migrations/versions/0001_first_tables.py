"""first tables of metrics"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "metrics_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    op.create_index("attendance_views_by_enterprise", "attendance_views", ["enterprise_id", "date"], unique=False)
    op.create_index(op.f("ix_attendance_views_cycle_id"), "attendance_views", ["cycle_id"], unique=False)
    op.create_table(
        "cycle_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("phase_id", sa.Uuid(), nullable=True),
        sa.Column("partnership_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("enterprise_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("lead_trainer_id", sa.Uuid(), nullable=True),
        sa.Column("co_trainer_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_cycle_views_provider_id"), "cycle_views", ["provider_id"], unique=False)
    op.create_index("cycle_views_by_reference", "cycle_views", ["external_ref", "created_by"], unique=False)
    op.create_index(op.f("ix_cycle_views_module"), "cycle_views", ["module"], unique=False)
    op.create_index(op.f("ix_cycle_views_partnership_id"), "cycle_views", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_cycle_views_phase_id"), "cycle_views", ["phase_id"], unique=False)
    op.create_table(
        "enterprise_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("isic", sa.Text(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("identifiers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "enterprise_views_by_identifier", "enterprise_views", ["identifiers"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "enterprise_views_by_isic",
        "enterprise_views",
        ["isic"],
        unique=False,
        postgresql_ops={"isic": "text_pattern_ops"},
    )
    op.create_index("enterprise_views_by_reference", "enterprise_views", ["external_ref", "created_by"], unique=False)
    op.create_index(op.f("ix_enterprise_views_country"), "enterprise_views", ["country"], unique=False)
    op.create_table(
        "exchange_rates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("per_usd", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="exchange_rates_external_ref"),
        sa.UniqueConstraint("currency", "month", name="exchange_rates_key"),
    )
    op.create_index(op.f("ix_exchange_rates_created_at"), "exchange_rates", ["created_at"], unique=False)
    op.create_index(op.f("ix_exchange_rates_month"), "exchange_rates", ["month"], unique=False)
    op.create_index(op.f("ix_exchange_rates_updated_at"), "exchange_rates", ["updated_at"], unique=False)
    op.create_table(
        "indicators",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum("lower", "higher", "none", name="direction", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "aggregation",
            sa.Enum(
                "share_and_mean",
                "sum",
                "rate",
                "yes_share",
                "computed",
                name="aggregation",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("created_by", "external_ref", name="indicators_external_ref"),
    )
    op.create_index(op.f("ix_indicators_aggregation"), "indicators", ["aggregation"], unique=False)
    op.create_index(op.f("ix_indicators_created_at"), "indicators", ["created_at"], unique=False)
    op.create_index(op.f("ix_indicators_updated_at"), "indicators", ["updated_at"], unique=False)
    op.create_table(
        "module_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_module_views_code"), "module_views", ["code"], unique=False)
    op.create_table(
        "observations",
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "returned",
                "superseded",
                name="recordstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column(
            "point", sa.Enum("baseline", "monthly", "final", name="point", native_enum=False, length=40), nullable=False
        ),
        sa.Column("numerator", sa.Numeric(), nullable=False),
        sa.Column("denominator", sa.Numeric(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("production_unit", sa.String(), nullable=True),
        sa.Column(
            "source",
            sa.Enum("enterprise", "trainer", "evaluator", "import", name="source", native_enum=False, length=40),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="observations_external_ref"),
        sa.UniqueConstraint("enterprise_id", "indicator", "period", "point", "revision", name="observations_key"),
    )
    op.create_index(op.f("ix_observations_created_at"), "observations", ["created_at"], unique=False)
    op.create_index(op.f("ix_observations_indicator"), "observations", ["indicator"], unique=False)
    op.create_index(op.f("ix_observations_period"), "observations", ["period"], unique=False)
    op.create_index(op.f("ix_observations_state"), "observations", ["state"], unique=False)
    op.create_index(op.f("ix_observations_updated_at"), "observations", ["updated_at"], unique=False)
    op.create_index(
        "observations_one_approved",
        "observations",
        ["enterprise_id", "indicator", "period", "point"],
        unique=True,
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_table(
        "organisation_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "organisation_views_by_reference", "organisation_views", ["external_ref", "created_by"], unique=False
    )
    op.create_table(
        "partnership_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("parties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "partnership_views_by_party",
        "partnership_views",
        ["parties"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"parties": "jsonb_path_ops"},
    )
    op.create_index("partnership_views_by_reference", "partnership_views", ["external_ref", "created_by"], unique=False)
    op.create_table(
        "phase_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("phase_views_by_reference", "phase_views", ["external_ref", "created_by"], unique=False)
    op.create_table(
        "savings",
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "returned",
                "superseded",
                name="recordstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column(
            "recurrence", sa.Enum("one_off", "annual", name="recurrence", native_enum=False, length=40), nullable=False
        ),
        sa.Column("reference", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="savings_external_ref"),
        sa.UniqueConstraint("enterprise_id", "month", "recurrence", "reference", "revision", name="savings_key"),
    )
    op.create_index(op.f("ix_savings_created_at"), "savings", ["created_at"], unique=False)
    op.create_index(op.f("ix_savings_month"), "savings", ["month"], unique=False)
    op.create_index(op.f("ix_savings_state"), "savings", ["state"], unique=False)
    op.create_index(op.f("ix_savings_updated_at"), "savings", ["updated_at"], unique=False)
    op.create_index(
        "savings_one_approved",
        "savings",
        ["enterprise_id", "month", "recurrence", "reference"],
        unique=True,
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_table(
        "supply_link_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_supply_link_views_buyer_id"), "supply_link_views", ["buyer_id"], unique=False)
    op.create_index(op.f("ix_supply_link_views_enterprise_id"), "supply_link_views", ["enterprise_id"], unique=False)
    op.create_table(
        "surveys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("partnership_id", sa.Uuid(), nullable=True),
        sa.Column("phase_id", sa.Uuid(), nullable=True),
        sa.Column("conducted_on", sa.Date(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("created_by", "external_ref", name="surveys_external_ref"),
    )
    op.create_index(op.f("ix_surveys_country"), "surveys", ["country"], unique=False)
    op.create_index(op.f("ix_surveys_created_at"), "surveys", ["created_at"], unique=False)
    op.create_index(op.f("ix_surveys_partnership_id"), "surveys", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_surveys_phase_id"), "surveys", ["phase_id"], unique=False)
    op.create_index(op.f("ix_surveys_updated_at"), "surveys", ["updated_at"], unique=False)
    op.create_table(
        "visit_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_visit_views_cycle_id"), "visit_views", ["cycle_id"], unique=False)
    op.create_table(
        "survey_responses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column(
            "category", sa.Enum("manager", "worker", name="category", native_enum=False, length=40), nullable=False
        ),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("slip", sa.LargeBinary(), nullable=True),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["surveys.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("survey_id", "slip", name="survey_responses_slip"),
    )
    op.create_index(op.f("ix_survey_responses_created_at"), "survey_responses", ["created_at"], unique=False)
    op.create_index(op.f("ix_survey_responses_enterprise_id"), "survey_responses", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_survey_responses_updated_at"), "survey_responses", ["updated_at"], unique=False)
    op.create_index("survey_responses_of_survey", "survey_responses", ["survey_id", "category"], unique=False)
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
    op.create_index("consent_views_by_enterprise", "consent_views", ["enterprise_id", "grantee_id"], unique=False)
    op.create_index(op.f("ix_consent_views_grantee_id"), "consent_views", ["grantee_id"], unique=False)
    op.create_table(
        "country_policy_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("small_cell_threshold", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_country_policy_views_country"), "country_policy_views", ["country"], unique=False)
    op.create_table(
        "told_cells",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("shown", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("as_of", "country", "kind", "key"),
    )


def downgrade() -> None:
    op.drop_table("told_cells")
    op.drop_index(op.f("ix_country_policy_views_country"), table_name="country_policy_views")
    op.drop_table("country_policy_views")
    op.drop_index(op.f("ix_consent_views_grantee_id"), table_name="consent_views")
    op.drop_index("consent_views_by_enterprise", table_name="consent_views")
    op.drop_table("consent_views")
    op.drop_index("survey_responses_of_survey", table_name="survey_responses")
    op.drop_index(op.f("ix_survey_responses_updated_at"), table_name="survey_responses")
    op.drop_index(op.f("ix_survey_responses_enterprise_id"), table_name="survey_responses")
    op.drop_index(op.f("ix_survey_responses_created_at"), table_name="survey_responses")
    op.drop_table("survey_responses")
    op.drop_index(op.f("ix_visit_views_cycle_id"), table_name="visit_views")
    op.drop_table("visit_views")
    op.drop_index(op.f("ix_surveys_updated_at"), table_name="surveys")
    op.drop_index(op.f("ix_surveys_phase_id"), table_name="surveys")
    op.drop_index(op.f("ix_surveys_partnership_id"), table_name="surveys")
    op.drop_index(op.f("ix_surveys_created_at"), table_name="surveys")
    op.drop_index(op.f("ix_surveys_country"), table_name="surveys")
    op.drop_table("surveys")
    op.drop_index(op.f("ix_supply_link_views_enterprise_id"), table_name="supply_link_views")
    op.drop_index(op.f("ix_supply_link_views_buyer_id"), table_name="supply_link_views")
    op.drop_table("supply_link_views")
    op.drop_index("savings_one_approved", table_name="savings", postgresql_where=sa.text("state = 'approved'"))
    op.drop_index(op.f("ix_savings_updated_at"), table_name="savings")
    op.drop_index(op.f("ix_savings_state"), table_name="savings")
    op.drop_index(op.f("ix_savings_month"), table_name="savings")
    op.drop_index(op.f("ix_savings_created_at"), table_name="savings")
    op.drop_table("savings")
    op.drop_index("phase_views_by_reference", table_name="phase_views")
    op.drop_table("phase_views")
    op.drop_index("partnership_views_by_reference", table_name="partnership_views")
    op.drop_index(
        "partnership_views_by_party",
        table_name="partnership_views",
        postgresql_using="gin",
        postgresql_ops={"parties": "jsonb_path_ops"},
    )
    op.drop_table("partnership_views")
    op.drop_index("organisation_views_by_reference", table_name="organisation_views")
    op.drop_table("organisation_views")
    op.drop_index(
        "observations_one_approved", table_name="observations", postgresql_where=sa.text("state = 'approved'")
    )
    op.drop_index(op.f("ix_observations_updated_at"), table_name="observations")
    op.drop_index(op.f("ix_observations_state"), table_name="observations")
    op.drop_index(op.f("ix_observations_period"), table_name="observations")
    op.drop_index(op.f("ix_observations_indicator"), table_name="observations")
    op.drop_index(op.f("ix_observations_created_at"), table_name="observations")
    op.drop_table("observations")
    op.drop_index(op.f("ix_module_views_code"), table_name="module_views")
    op.drop_table("module_views")
    op.drop_index(op.f("ix_indicators_updated_at"), table_name="indicators")
    op.drop_index(op.f("ix_indicators_created_at"), table_name="indicators")
    op.drop_index(op.f("ix_indicators_aggregation"), table_name="indicators")
    op.drop_table("indicators")
    op.drop_index(op.f("ix_exchange_rates_updated_at"), table_name="exchange_rates")
    op.drop_index(op.f("ix_exchange_rates_month"), table_name="exchange_rates")
    op.drop_index(op.f("ix_exchange_rates_created_at"), table_name="exchange_rates")
    op.drop_table("exchange_rates")
    op.drop_index(op.f("ix_enterprise_views_country"), table_name="enterprise_views")
    op.drop_index("enterprise_views_by_reference", table_name="enterprise_views")
    op.drop_index(
        "enterprise_views_by_isic", table_name="enterprise_views", postgresql_ops={"isic": "text_pattern_ops"}
    )
    op.drop_index("enterprise_views_by_identifier", table_name="enterprise_views", postgresql_using="gin")
    op.drop_table("enterprise_views")
    op.drop_index(op.f("ix_cycle_views_phase_id"), table_name="cycle_views")
    op.drop_index(op.f("ix_cycle_views_partnership_id"), table_name="cycle_views")
    op.drop_index(op.f("ix_cycle_views_module"), table_name="cycle_views")
    op.drop_index("cycle_views_by_reference", table_name="cycle_views")
    op.drop_index(op.f("ix_cycle_views_provider_id"), table_name="cycle_views")
    op.drop_table("cycle_views")
    op.drop_index(op.f("ix_attendance_views_cycle_id"), table_name="attendance_views")
    op.drop_index("attendance_views_by_enterprise", table_name="attendance_views")
    op.drop_table("attendance_views")
