"""first tables of training, and the five core modules with the events that tell of them"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "training_0001"
down_revision = None
branch_labels = None
depends_on = "common_0001"  # the modules' events go into its outbox


# The titles are the official ones. Ids are fixed, of the events too: whoever has heard of a module has heard of it once.
TITLES = {
    "M1": "Workplace cooperation: a foundation for business success",
    "M2": "Quality: managing continuous improvement",
    "M3": "Productivity through cleaner production",
    "M4": "Human resource management for cooperation and business success",
    "M5": "Safety and health at work: a platform for productivity",
}
STANDARD = {
    "code": "standard",
    "classroom_days": 2,
    "visits": 3,
    "weeks": 12,
    "group_min": 4,
    "group_max": 5,
    "managers": 2,
    "workers": 2,
}
modules = sa.table(
    "modules",
    sa.column("id", sa.Uuid()),
    sa.column("version", sa.Integer()),
    sa.column("created_by", sa.Text()),
    *(sa.column(name, sa.DateTime(timezone=True)) for name in ("created_at", "updated_at")),
    *(sa.column(name, sa.Text()) for name in ("code", "title")),
    sa.column("prerequisites", postgresql.ARRAY(sa.Text())),
    sa.column("variants", postgresql.JSONB()),
)
outbox = sa.table(
    "outbox",
    *(sa.column(name, sa.Uuid()) for name in ("event_id", "aggregate_id")),
    sa.column("aggregate_version", sa.Integer()),
    sa.column("payload", postgresql.JSONB()),
    *(sa.column(name, sa.Text()) for name in ("subject", "traceparent", "request_id", "by")),
    sa.column("occurred_at", sa.DateTime(timezone=True)),
)


def core_modules() -> None:
    """Rows and events in one transaction, as a command would write them."""
    now = datetime.now(UTC)
    for n, (code, title) in enumerate(TITLES.items(), start=1):
        module_id = UUID(f"01941f29-7c00-7000-8000-00000000000{n}")
        module = {
            "id": module_id,
            "version": 1,
            "created_by": "score",
            "created_at": now,
            "updated_at": now,
            "code": code,
            "title": title,
            "prerequisites": [] if code == "M1" else ["M1"],
            "variants": [STANDARD],
        }
        told = {
            "event_id": UUID(f"01941f29-7c00-7000-9000-00000000000{n}"),
            "aggregate_id": module_id,
            "aggregate_version": 1,
            "payload": {"id": str(module_id), "version": 1, "code": code, "title": title},
            "subject": "score.training.module.defined.v1",
            "traceparent": "",
            "request_id": "",
            "by": "score",
            "occurred_at": now,
        }
        op.bulk_insert(modules, [module])
        op.bulk_insert(outbox, [told])


def upgrade() -> None:
    op.create_table(
        "enterprise_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("legal_name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("identifiers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "enterprise_views_identifiers", "enterprise_views", ["identifiers"], unique=False, postgresql_using="gin"
    )
    op.create_index(op.f("ix_enterprise_views_external_ref"), "enterprise_views", ["external_ref"], unique=False)
    op.create_table(
        "modules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("prerequisites", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("variants", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("created_by", "external_ref", name="modules_external_ref"),
    )
    op.create_index(op.f("ix_modules_created_at"), "modules", ["created_at"], unique=False)
    op.create_index(op.f("ix_modules_updated_at"), "modules", ["updated_at"], unique=False)
    op.create_table(
        "organisation_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_organisation_views_external_ref"), "organisation_views", ["external_ref"], unique=False)
    op.create_table(
        "participants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("sex", sa.String(), nullable=False),
        sa.Column(
            "category",
            sa.Enum("manager", "worker", name="participantcategory", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="participants_external_ref"),
        sa.UniqueConstraint("enterprise_id", "reference", name="participants_reference"),
    )
    op.create_index(op.f("ix_participants_created_at"), "participants", ["created_at"], unique=False)
    op.create_index(op.f("ix_participants_updated_at"), "participants", ["updated_at"], unique=False)
    op.create_table(
        "partnership_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("phase_id", sa.Uuid(), nullable=True),
        sa.Column("countries", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_partnership_views_external_ref"), "partnership_views", ["external_ref"], unique=False)
    op.create_table(
        "phase_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("countries", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_phase_views_external_ref"), "phase_views", ["external_ref"], unique=False)
    op.create_table(
        "trainers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sectors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("base", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("max_days_per_month", sa.Integer(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="trainers_external_ref"),
    )
    op.create_index(op.f("ix_trainers_country"), "trainers", ["country"], unique=False)
    op.create_index(op.f("ix_trainers_created_at"), "trainers", ["created_at"], unique=False)
    op.create_index(op.f("ix_trainers_organisation_id"), "trainers", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_trainers_updated_at"), "trainers", ["updated_at"], unique=False)
    op.create_table(
        "cycles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("phase_id", sa.Uuid(), nullable=True),
        sa.Column("partnership_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("enterprises", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("classroom", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lead_trainer_id", sa.Uuid(), nullable=True),
        sa.Column("co_trainer_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "planned",
                "open",
                "confirmed",
                "in_classroom",
                "visits",
                "reporting",
                "closed",
                "cancelled",
                name="cyclestate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("enterprise_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lead_trainer_id"],
            ["trainers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["module"],
            ["modules.code"],
        ),
        sa.ForeignKeyConstraint(
            ["supervisor_id"],
            ["trainers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="cycles_external_ref"),
    )
    op.create_index("cycles_co_trainer_ids", "cycles", ["co_trainer_ids"], unique=False, postgresql_using="gin")
    op.create_index("cycles_days", "cycles", ["first_day", "last_day"], unique=False)
    op.create_index("cycles_enterprise_ids", "cycles", ["enterprise_ids"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_cycles_country"), "cycles", ["country"], unique=False)
    op.create_index(op.f("ix_cycles_created_at"), "cycles", ["created_at"], unique=False)
    op.create_index(op.f("ix_cycles_lead_trainer_id"), "cycles", ["lead_trainer_id"], unique=False)
    op.create_index(op.f("ix_cycles_module"), "cycles", ["module"], unique=False)
    op.create_index(op.f("ix_cycles_partnership_id"), "cycles", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_cycles_phase_id"), "cycles", ["phase_id"], unique=False)
    op.create_index(op.f("ix_cycles_provider_id"), "cycles", ["provider_id"], unique=False)
    op.create_index(op.f("ix_cycles_state"), "cycles", ["state"], unique=False)
    op.create_index(op.f("ix_cycles_supervisor_id"), "cycles", ["supervisor_id"], unique=False)
    op.create_index(op.f("ix_cycles_updated_at"), "cycles", ["updated_at"], unique=False)
    op.create_table(
        "attendances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"],
            ["cycles.id"],
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="attendances_external_ref"),
        sa.UniqueConstraint("participant_id", "cycle_id", "date", name="attendances_day"),
    )
    op.create_index(op.f("ix_attendances_created_at"), "attendances", ["created_at"], unique=False)
    op.create_index(op.f("ix_attendances_cycle_id"), "attendances", ["cycle_id"], unique=False)
    op.create_index(op.f("ix_attendances_date"), "attendances", ["date"], unique=False)
    op.create_index(op.f("ix_attendances_enterprise_id"), "attendances", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_attendances_updated_at"), "attendances", ["updated_at"], unique=False)
    op.create_table(
        "visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("report", sa.String(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "confirmed",
                "done",
                "reported",
                "approved",
                "cancelled",
                name="visitstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"],
            ["cycles.id"],
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"],
            ["trainers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="visits_external_ref"),
        sa.UniqueConstraint("cycle_id", "enterprise_id", "sequence", name="visits_sequence"),
    )
    op.create_index(op.f("ix_visits_created_at"), "visits", ["created_at"], unique=False)
    op.create_index(op.f("ix_visits_done_on"), "visits", ["done_on"], unique=False)
    op.create_index(op.f("ix_visits_enterprise_id"), "visits", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_visits_planned_on"), "visits", ["planned_on"], unique=False)
    op.create_index(op.f("ix_visits_state"), "visits", ["state"], unique=False)
    op.create_index(op.f("ix_visits_trainer_id"), "visits", ["trainer_id"], unique=False)
    op.create_index(op.f("ix_visits_updated_at"), "visits", ["updated_at"], unique=False)
    core_modules()


def downgrade() -> None:
    op.drop_index(op.f("ix_visits_updated_at"), table_name="visits")
    op.drop_index(op.f("ix_visits_trainer_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_state"), table_name="visits")
    op.drop_index(op.f("ix_visits_planned_on"), table_name="visits")
    op.drop_index(op.f("ix_visits_enterprise_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_done_on"), table_name="visits")
    op.drop_index(op.f("ix_visits_created_at"), table_name="visits")
    op.drop_table("visits")
    op.drop_index(op.f("ix_attendances_updated_at"), table_name="attendances")
    op.drop_index(op.f("ix_attendances_enterprise_id"), table_name="attendances")
    op.drop_index(op.f("ix_attendances_date"), table_name="attendances")
    op.drop_index(op.f("ix_attendances_cycle_id"), table_name="attendances")
    op.drop_index(op.f("ix_attendances_created_at"), table_name="attendances")
    op.drop_table("attendances")
    op.drop_index(op.f("ix_cycles_updated_at"), table_name="cycles")
    op.drop_index(op.f("ix_cycles_supervisor_id"), table_name="cycles")
    op.drop_index(op.f("ix_cycles_state"), table_name="cycles")
    op.drop_index(op.f("ix_cycles_provider_id"), table_name="cycles")
    op.drop_index(op.f("ix_cycles_phase_id"), table_name="cycles")
    op.drop_index(op.f("ix_cycles_partnership_id"), table_name="cycles")
    op.drop_index(op.f("ix_cycles_module"), table_name="cycles")
    op.drop_index(op.f("ix_cycles_lead_trainer_id"), table_name="cycles")
    op.drop_index(op.f("ix_cycles_created_at"), table_name="cycles")
    op.drop_index(op.f("ix_cycles_country"), table_name="cycles")
    op.drop_index("cycles_enterprise_ids", table_name="cycles", postgresql_using="gin")
    op.drop_index("cycles_days", table_name="cycles")
    op.drop_index("cycles_co_trainer_ids", table_name="cycles", postgresql_using="gin")
    op.drop_table("cycles")
    op.drop_index(op.f("ix_trainers_updated_at"), table_name="trainers")
    op.drop_index(op.f("ix_trainers_organisation_id"), table_name="trainers")
    op.drop_index(op.f("ix_trainers_created_at"), table_name="trainers")
    op.drop_index(op.f("ix_trainers_country"), table_name="trainers")
    op.drop_table("trainers")
    op.drop_index(op.f("ix_phase_views_external_ref"), table_name="phase_views")
    op.drop_table("phase_views")
    op.drop_index(op.f("ix_partnership_views_external_ref"), table_name="partnership_views")
    op.drop_table("partnership_views")
    op.drop_index(op.f("ix_participants_updated_at"), table_name="participants")
    op.drop_index(op.f("ix_participants_created_at"), table_name="participants")
    op.drop_table("participants")
    op.drop_index(op.f("ix_organisation_views_external_ref"), table_name="organisation_views")
    op.drop_table("organisation_views")
    op.drop_index(op.f("ix_modules_updated_at"), table_name="modules")
    op.drop_index(op.f("ix_modules_created_at"), table_name="modules")
    op.drop_table("modules")
    op.drop_index(op.f("ix_enterprise_views_external_ref"), table_name="enterprise_views")
    op.drop_index("enterprise_views_identifiers", table_name="enterprise_views", postgresql_using="gin")
    op.drop_table("enterprise_views")
