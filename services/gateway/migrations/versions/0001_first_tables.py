"""first tables: clients and their secrets, keys that take turns, void tokens, quotas, copies of documents"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "gateway_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("trainer_id", sa.Uuid(), nullable=True),
        sa.Column("countries", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("jwks", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("rights_version", sa.Integer(), nullable=False),
        sa.Column("rights_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("client_id", name="clients_client_id"),
        sa.UniqueConstraint("created_by", "external_ref", name="clients_external_ref"),
    )
    op.create_index("clients_countries", "clients", ["countries"], unique=False, postgresql_using="gin")
    op.create_index("clients_ref", "clients", ["external_ref"], unique=False)
    op.create_index(op.f("ix_clients_created_at"), "clients", ["created_at"], unique=False)
    op.create_index(op.f("ix_clients_enterprise_id"), "clients", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_clients_organisation_id"), "clients", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_clients_rights_changed_at"), "clients", ["rights_changed_at"], unique=False)
    op.create_index(op.f("ix_clients_role"), "clients", ["role"], unique=False)
    op.create_index(op.f("ix_clients_state"), "clients", ["state"], unique=False)
    op.create_index(op.f("ix_clients_trainer_id"), "clients", ["trainer_id"], unique=False)
    op.create_index(op.f("ix_clients_updated_at"), "clients", ["updated_at"], unique=False)
    op.create_table(
        "openapi_copies",
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("service"),
    )
    op.create_table(
        "quotas",
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("client"),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_quotas_ends_at"), "quotas", ["ends_at"], unique=False)
    op.create_table(
        "revoked_tokens",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark"),
    )
    op.create_index(op.f("ix_revoked_tokens_expires_at"), "revoked_tokens", ["expires_at"], unique=False)
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("public_key", sa.JSON(), nullable=False),
        sa.Column("private_key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid"),
    )
    op.create_table(
        "used_assertions",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark"),
    )
    op.create_index(op.f("ix_used_assertions_expires_at"), "used_assertions", ["expires_at"], unique=False)
    op.create_table(
        "client_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client"],
            ["clients.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_client_secrets_client"), "client_secrets", ["client"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_client_secrets_client"), table_name="client_secrets")
    op.drop_table("client_secrets")
    op.drop_index(op.f("ix_used_assertions_expires_at"), table_name="used_assertions")
    op.drop_table("used_assertions")
    op.drop_table("signing_keys")
    op.drop_index(op.f("ix_revoked_tokens_expires_at"), table_name="revoked_tokens")
    op.drop_table("revoked_tokens")
    op.drop_index(op.f("ix_quotas_ends_at"), table_name="quotas")
    op.drop_table("quotas")
    op.drop_table("openapi_copies")
    op.drop_index(op.f("ix_clients_updated_at"), table_name="clients")
    op.drop_index(op.f("ix_clients_trainer_id"), table_name="clients")
    op.drop_index(op.f("ix_clients_state"), table_name="clients")
    op.drop_index(op.f("ix_clients_role"), table_name="clients")
    op.drop_index(op.f("ix_clients_rights_changed_at"), table_name="clients")
    op.drop_index(op.f("ix_clients_organisation_id"), table_name="clients")
    op.drop_index(op.f("ix_clients_enterprise_id"), table_name="clients")
    op.drop_index(op.f("ix_clients_created_at"), table_name="clients")
    op.drop_index("clients_ref", table_name="clients")
    op.drop_index("clients_countries", table_name="clients", postgresql_using="gin")
    op.drop_table("clients")
