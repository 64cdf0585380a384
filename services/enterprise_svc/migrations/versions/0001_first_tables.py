"""first tables: organisations, programmes and phases, enterprises and their identifiers, supply links, partnerships"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "enterprise_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # names are found by fragments
    op.execute("create extension if not exists pg_trgm")
    op.create_table(
        "enterprises",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("legal_name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("local_name", sa.String(), nullable=True),
        sa.Column("trade_names", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("subdivision", sa.String(), nullable=True),
        sa.Column("address", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("location", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("isic", sa.String(), nullable=True),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("identifiers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("workforce", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "registered",
                "eligible",
                "ineligible",
                "enrolled",
                "active",
                "dormant",
                "completed",
                "withdrawn",
                "closed",
                name="enterprisestate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("searchable", sa.String(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.Column("assessed_by_hand", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="enterprises_external_ref"),
    )
    op.create_index("enterprises_identifiers", "enterprises", ["identifiers"], unique=False, postgresql_using="gin")
    op.create_index(
        "enterprises_isic", "enterprises", ["isic"], unique=False, postgresql_ops={"isic": "text_pattern_ops"}
    )
    op.create_index("enterprises_ref", "enterprises", ["external_ref"], unique=False)
    op.create_index(
        "enterprises_searchable",
        "enterprises",
        ["searchable"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"searchable": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_enterprises_country"), "enterprises", ["country"], unique=False)
    op.create_index(op.f("ix_enterprises_created_at"), "enterprises", ["created_at"], unique=False)
    op.create_index(op.f("ix_enterprises_legal_name"), "enterprises", ["legal_name"], unique=False)
    op.create_index(op.f("ix_enterprises_state"), "enterprises", ["state"], unique=False)
    op.create_index(op.f("ix_enterprises_updated_at"), "enterprises", ["updated_at"], unique=False)
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "lead_buyer",
                "federation",
                "donor",
                "programme_office",
                "coordination_centre",
                "service_provider",
                "employers_organisation",
                "trade_union",
                "government",
                name="organisationkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("member_of", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("identifiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="organisations_external_ref"),
    )
    op.create_index(op.f("ix_organisations_country"), "organisations", ["country"], unique=False)
    op.create_index(op.f("ix_organisations_created_at"), "organisations", ["created_at"], unique=False)
    op.create_index(op.f("ix_organisations_kind"), "organisations", ["kind"], unique=False)
    op.create_index(op.f("ix_organisations_updated_at"), "organisations", ["updated_at"], unique=False)
    op.create_index("organisations_member_of", "organisations", ["member_of"], unique=False, postgresql_using="gin")
    op.create_index("organisations_ref", "organisations", ["external_ref"], unique=False)
    op.create_table(
        "programmes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("created_by", "external_ref", name="programmes_external_ref"),
    )
    op.create_index(op.f("ix_programmes_created_at"), "programmes", ["created_at"], unique=False)
    op.create_index(op.f("ix_programmes_updated_at"), "programmes", ["updated_at"], unique=False)
    op.create_index("programmes_ref", "programmes", ["external_ref"], unique=False)
    op.create_table(
        "identifier_claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "identifier_claims_held",
        "identifier_claims",
        ["identifier"],
        unique=True,
        postgresql_where=sa.text("until is null"),
    )
    op.create_index("identifier_claims_past", "identifier_claims", ["identifier"], unique=False)
    op.create_index(op.f("ix_identifier_claims_enterprise_id"), "identifier_claims", ["enterprise_id"], unique=False)
    op.create_table(
        "phases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("countries", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("donor_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programmes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="phases_external_ref"),
    )
    op.create_index(op.f("ix_phases_created_at"), "phases", ["created_at"], unique=False)
    op.create_index(op.f("ix_phases_programme_id"), "phases", ["programme_id"], unique=False)
    op.create_index(op.f("ix_phases_updated_at"), "phases", ["updated_at"], unique=False)
    op.create_index("phases_countries", "phases", ["countries"], unique=False, postgresql_using="gin")
    op.create_index("phases_days", "phases", ["starts_on", "ends_on"], unique=False)
    op.create_index("phases_donors", "phases", ["donor_ids"], unique=False, postgresql_using="gin")
    op.create_index("phases_ref", "phases", ["external_ref"], unique=False)
    op.create_table(
        "supply_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("proposed", "confirmed", "ended", name="supplylinkstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["buyer_id"],
            ["organisations.id"],
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="supply_links_external_ref"),
    )
    op.create_index(op.f("ix_supply_links_buyer_id"), "supply_links", ["buyer_id"], unique=False)
    op.create_index(op.f("ix_supply_links_created_at"), "supply_links", ["created_at"], unique=False)
    op.create_index(op.f("ix_supply_links_enterprise_id"), "supply_links", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_supply_links_state"), "supply_links", ["state"], unique=False)
    op.create_index(op.f("ix_supply_links_updated_at"), "supply_links", ["updated_at"], unique=False)
    op.create_index("supply_links_days", "supply_links", ["since", "until"], unique=False)
    op.create_index("supply_links_ref", "supply_links", ["external_ref"], unique=False)
    op.create_table(
        "partnerships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("countries", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("phase_id", sa.Uuid(), nullable=True),
        sa.Column("budget", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("targets", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column(
            "state",
            sa.Enum("draft", "signed", "active", "closed", name="partnershipstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["phase_id"],
            ["phases.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="partnerships_external_ref"),
    )
    op.create_index(op.f("ix_partnerships_created_at"), "partnerships", ["created_at"], unique=False)
    op.create_index(op.f("ix_partnerships_phase_id"), "partnerships", ["phase_id"], unique=False)
    op.create_index(op.f("ix_partnerships_state"), "partnerships", ["state"], unique=False)
    op.create_index(op.f("ix_partnerships_updated_at"), "partnerships", ["updated_at"], unique=False)
    op.create_index("partnerships_countries", "partnerships", ["countries"], unique=False, postgresql_using="gin")
    op.create_index("partnerships_days", "partnerships", ["starts_on", "ends_on"], unique=False)
    op.create_index("partnerships_parties", "partnerships", ["parties"], unique=False, postgresql_using="gin")
    op.create_index("partnerships_ref", "partnerships", ["external_ref"], unique=False)
    op.create_table(
        "nominations",
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
        sa.Column(
            "state",
            sa.Enum(
                "sent",
                "accepted",
                "declined",
                "cancelled",
                "expired",
                name="nominationstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnerships.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "created_by", "external_ref", name="nominations_external_ref"),
    )
    op.create_index(op.f("ix_nominations_created_at"), "nominations", ["created_at"], unique=False)
    op.create_index(op.f("ix_nominations_enterprise_id"), "nominations", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_nominations_partnership_id"), "nominations", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_nominations_state"), "nominations", ["state"], unique=False)
    op.create_index(op.f("ix_nominations_updated_at"), "nominations", ["updated_at"], unique=False)
    op.create_index(
        "nominations_open",
        "nominations",
        ["partnership_id", "enterprise_id"],
        unique=True,
        postgresql_where=sa.text("state in ('sent', 'accepted')"),
    )
    op.create_index("nominations_ref", "nominations", ["external_ref"], unique=False)
    op.create_table(
        "access_receipts",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("consent_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        info={"append_only": True},
    )
    op.create_index("access_receipts_of_enterprise", "access_receipts", ["enterprise_id", "number"], unique=False)
    op.create_table(
        "country_policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("min_workers", sa.Integer(), nullable=False),
        sa.Column("max_workers", sa.Integer(), nullable=False),
        sa.Column("nomination_days", sa.Integer(), nullable=False),
        sa.Column("certificate_months", sa.Integer(), nullable=False),
        sa.Column("small_cell_threshold", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("country"),
    )
    op.create_index(op.f("ix_country_policies_created_at"), "country_policies", ["created_at"], unique=False)
    op.create_index(op.f("ix_country_policies_updated_at"), "country_policies", ["updated_at"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("grantee_id", sa.Uuid(), nullable=True),
        sa.Column(
            "scope",
            sa.Enum("aggregate", "identified_kpi", "case_study", name="consentscope", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
        ),
        sa.ForeignKeyConstraint(
            ["grantee_id"],
            ["organisations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("created_by", "external_ref", name="consents_external_ref"),
        info={"stamped_in": ("version", "updated_at", "withdrawn_at", "country")},
    )
    op.create_index("consents_days", "consents", ["since", "until"], unique=False)
    op.create_index("consents_of_enterprise", "consents", ["enterprise_id", "grantee_id"], unique=False)
    op.create_index("consents_ref", "consents", ["external_ref"], unique=False)
    op.create_index(op.f("ix_consents_created_at"), "consents", ["created_at"], unique=False)
    op.create_index(op.f("ix_consents_grantee_id"), "consents", ["grantee_id"], unique=False)
    op.create_index(op.f("ix_consents_updated_at"), "consents", ["updated_at"], unique=False)
    op.create_index(
        "nominations_expiring", "nominations", ["expires_at"], unique=False, postgresql_where=sa.text("state = 'sent'")
    )
    # a consent is withdrawn once, and nothing else of it ever changes: the application may write few of its columns
    op.execute(
        "create function consent_is_withdrawn_once() returns trigger language plpgsql as $$ begin "
        "if new.withdrawn_at is distinct from old.withdrawn_at then "
        "  if old.withdrawn_at is not null then raise exception 'a consent is never rewritten' "
        "    using errcode = 'integrity_constraint_violation'; end if; "
        "elsif (new.version, new.updated_at) is distinct from (old.version, old.updated_at) then "
        "  raise exception 'a consent is never rewritten' using errcode = 'integrity_constraint_violation'; "
        "end if; return new; end $$"
    )
    op.execute(
        "create trigger consents_are_kept before update on consents "
        "for each row execute function consent_is_withdrawn_once()"
    )
    for table in ("supply_links", "nominations", "consents"):
        op.create_index(op.f(f"ix_{table}_country"), table, ["country"], unique=False)
    op.create_index("nominations_parties", "nominations", ["party_ids"], unique=False, postgresql_using="gin")
    op.create_table(
        "memberships",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["organisations.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"]),
        sa.PrimaryKeyConstraint("member_id", "organisation_id"),
    )
    op.create_table(
        "cycle_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("lead_trainer_id", sa.Uuid(), nullable=True),
        sa.Column("co_trainer_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=True),
        sa.Column("enterprise_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_cycle_views_provider_id"), "cycle_views", ["provider_id"], unique=False)
    op.create_index(op.f("ix_cycle_views_lead_trainer_id"), "cycle_views", ["lead_trainer_id"], unique=False)
    op.create_index(op.f("ix_cycle_views_supervisor_id"), "cycle_views", ["supervisor_id"], unique=False)
    op.create_index("cycle_views_co_trainers", "cycle_views", ["co_trainer_ids"], unique=False, postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("cycle_views")
    op.drop_table("memberships")
    op.drop_index("nominations_expiring", table_name="nominations", postgresql_where=sa.text("state = 'sent'"))
    op.drop_index(op.f("ix_consents_updated_at"), table_name="consents")
    op.drop_index(op.f("ix_consents_grantee_id"), table_name="consents")
    op.drop_index(op.f("ix_consents_created_at"), table_name="consents")
    op.drop_index("consents_ref", table_name="consents")
    op.drop_index("consents_of_enterprise", table_name="consents")
    op.drop_index("consents_days", table_name="consents")
    op.drop_table("consents")
    op.execute("drop function consent_is_withdrawn_once")
    op.drop_index(op.f("ix_country_policies_updated_at"), table_name="country_policies")
    op.drop_index(op.f("ix_country_policies_created_at"), table_name="country_policies")
    op.drop_table("country_policies")
    op.drop_index("access_receipts_of_enterprise", table_name="access_receipts")
    op.drop_table("access_receipts")
    op.drop_index("nominations_ref", table_name="nominations")
    op.drop_index(
        "nominations_open", table_name="nominations", postgresql_where=sa.text("state in ('sent', 'accepted')")
    )
    op.drop_index(op.f("ix_nominations_updated_at"), table_name="nominations")
    op.drop_index(op.f("ix_nominations_state"), table_name="nominations")
    op.drop_index(op.f("ix_nominations_partnership_id"), table_name="nominations")
    op.drop_index(op.f("ix_nominations_enterprise_id"), table_name="nominations")
    op.drop_index(op.f("ix_nominations_created_at"), table_name="nominations")
    op.drop_table("nominations")
    op.drop_index("partnerships_ref", table_name="partnerships")
    op.drop_index("partnerships_parties", table_name="partnerships", postgresql_using="gin")
    op.drop_index("partnerships_days", table_name="partnerships")
    op.drop_index("partnerships_countries", table_name="partnerships", postgresql_using="gin")
    op.drop_index(op.f("ix_partnerships_updated_at"), table_name="partnerships")
    op.drop_index(op.f("ix_partnerships_state"), table_name="partnerships")
    op.drop_index(op.f("ix_partnerships_phase_id"), table_name="partnerships")
    op.drop_index(op.f("ix_partnerships_created_at"), table_name="partnerships")
    op.drop_table("partnerships")
    op.drop_index("supply_links_ref", table_name="supply_links")
    op.drop_index("supply_links_days", table_name="supply_links")
    op.drop_index(op.f("ix_supply_links_updated_at"), table_name="supply_links")
    op.drop_index(op.f("ix_supply_links_state"), table_name="supply_links")
    op.drop_index(op.f("ix_supply_links_enterprise_id"), table_name="supply_links")
    op.drop_index(op.f("ix_supply_links_created_at"), table_name="supply_links")
    op.drop_index(op.f("ix_supply_links_buyer_id"), table_name="supply_links")
    op.drop_table("supply_links")
    op.drop_index("phases_ref", table_name="phases")
    op.drop_index("phases_donors", table_name="phases", postgresql_using="gin")
    op.drop_index("phases_days", table_name="phases")
    op.drop_index("phases_countries", table_name="phases", postgresql_using="gin")
    op.drop_index(op.f("ix_phases_updated_at"), table_name="phases")
    op.drop_index(op.f("ix_phases_programme_id"), table_name="phases")
    op.drop_index(op.f("ix_phases_created_at"), table_name="phases")
    op.drop_table("phases")
    op.drop_index(op.f("ix_identifier_claims_enterprise_id"), table_name="identifier_claims")
    op.drop_index("identifier_claims_past", table_name="identifier_claims")
    op.drop_index("identifier_claims_held", table_name="identifier_claims", postgresql_where=sa.text("until is null"))
    op.drop_table("identifier_claims")
    op.drop_index("programmes_ref", table_name="programmes")
    op.drop_index(op.f("ix_programmes_updated_at"), table_name="programmes")
    op.drop_index(op.f("ix_programmes_created_at"), table_name="programmes")
    op.drop_table("programmes")
    op.drop_index("organisations_ref", table_name="organisations")
    op.drop_index("organisations_member_of", table_name="organisations", postgresql_using="gin")
    op.drop_index(op.f("ix_organisations_updated_at"), table_name="organisations")
    op.drop_index(op.f("ix_organisations_kind"), table_name="organisations")
    op.drop_index(op.f("ix_organisations_created_at"), table_name="organisations")
    op.drop_index(op.f("ix_organisations_country"), table_name="organisations")
    op.drop_table("organisations")
    op.drop_index(op.f("ix_enterprises_updated_at"), table_name="enterprises")
    op.drop_index(op.f("ix_enterprises_state"), table_name="enterprises")
    op.drop_index(op.f("ix_enterprises_legal_name"), table_name="enterprises")
    op.drop_index(op.f("ix_enterprises_created_at"), table_name="enterprises")
    op.drop_index(op.f("ix_enterprises_country"), table_name="enterprises")
    op.drop_index(
        "enterprises_searchable",
        table_name="enterprises",
        postgresql_using="gin",
        postgresql_ops={"searchable": "gin_trgm_ops"},
    )
    op.drop_index("enterprises_ref", table_name="enterprises")
    op.drop_index("enterprises_isic", table_name="enterprises", postgresql_ops={"isic": "text_pattern_ops"})
    op.drop_index("enterprises_identifiers", table_name="enterprises", postgresql_using="gin")
    op.drop_table("enterprises")
