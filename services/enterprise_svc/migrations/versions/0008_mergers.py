"""mergers of enterprises"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "enterprise_0008"
down_revision = "enterprise_0007"
branch_labels = None
depends_on = None

# what a consent was given for is never rewritten; whose it is today follows the mergers of enterprises
KEPT = """
create or replace function consent_is_withdrawn_once() returns trigger language plpgsql as $$ begin
  if new.withdrawn_at is distinct from old.withdrawn_at then
    if old.withdrawn_at is not null then
      raise exception 'a consent is never rewritten' using errcode = 'integrity_constraint_violation';
    end if;
  {moved}
  elsif (new.version, new.updated_at) is distinct from (old.version, old.updated_at) then
    raise exception 'a consent is never rewritten' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$
"""
MOVED = """
  elsif coalesce(new.recorded_under, new.enterprise_id) is distinct from coalesce(old.recorded_under, old.enterprise_id) then
    raise exception 'a consent is never rewritten' using errcode = 'integrity_constraint_violation';
  elsif new.enterprise_id is distinct from old.enterprise_id then
    return new;
"""


def upgrade() -> None:
    op.create_table(
        "later_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_under", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_later_facts_enterprise_id"), "later_facts", ["enterprise_id"], unique=False)
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
    op.add_column("consents", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.add_column("consents", sa.Column("covers", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.execute(KEPT.format(moved=MOVED))
    op.execute("update consents set covers = array[enterprise_id]")
    op.alter_column("consents", "covers", nullable=False)
    op.create_index("consents_covers", "consents", ["covers"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_consents_recorded_under"), "consents", ["recorded_under"], unique=False)
    op.add_column("cycle_views", sa.Column("recorded_ids", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.add_column("enterprises", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("enterprises", sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "enterprises", sa.Column("merged_from", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False)
    )
    op.add_column(
        "enterprises",
        sa.Column("taken_over", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.create_index(op.f("ix_enterprises_merged_into"), "enterprises", ["merged_into"], unique=False)
    op.create_foreign_key("enterprises_merged_into_fkey", "enterprises", "enterprises", ["merged_into"], ["id"])
    op.add_column("nominations", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.add_column("nominations", sa.Column("outranked_from", sa.String(), nullable=True))
    op.create_index(op.f("ix_nominations_recorded_under"), "nominations", ["recorded_under"], unique=False)
    op.add_column("supply_links", sa.Column("recorded_under", sa.Uuid(), nullable=True))
    op.add_column(
        "supply_links",
        sa.Column("outranked_from", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.create_index(op.f("ix_supply_links_recorded_under"), "supply_links", ["recorded_under"], unique=False)
    for table in ("attendance_views", "observation_views", "saving_views", "fees"):
        op.add_column(table, sa.Column("recorded_under", sa.Uuid(), nullable=True))
        op.create_index(f"ix_{table}_recorded_under", table, ["recorded_under"], unique=False)


def downgrade() -> None:
    for table in ("attendance_views", "observation_views", "saving_views", "fees"):
        op.drop_index(f"ix_{table}_recorded_under", table_name=table)
        op.drop_column(table, "recorded_under")
    op.execute(KEPT.format(moved=""))
    op.drop_index(op.f("ix_supply_links_recorded_under"), table_name="supply_links")
    op.drop_column("supply_links", "outranked_from")
    op.drop_column("supply_links", "recorded_under")
    op.drop_index(op.f("ix_nominations_recorded_under"), table_name="nominations")
    op.drop_column("nominations", "outranked_from")
    op.drop_column("nominations", "recorded_under")
    op.drop_constraint("enterprises_merged_into_fkey", "enterprises", type_="foreignkey")
    op.drop_index(op.f("ix_enterprises_merged_into"), table_name="enterprises")
    op.drop_column("enterprises", "taken_over")
    op.drop_column("enterprises", "merged_from")
    op.drop_column("enterprises", "merged_at")
    op.drop_column("enterprises", "merged_into")
    op.drop_column("cycle_views", "recorded_ids")
    op.drop_index(op.f("ix_consents_recorded_under"), table_name="consents")
    op.drop_index("consents_covers", table_name="consents", postgresql_using="gin")
    op.drop_column("consents", "covers")
    op.drop_column("consents", "recorded_under")
    op.drop_index(op.f("ix_merged_enterprises_successor_id"), table_name="merged_enterprises")
    op.drop_index(op.f("ix_merged_enterprises_merged_into"), table_name="merged_enterprises")
    op.drop_table("merged_enterprises")
    op.drop_index(op.f("ix_later_facts_enterprise_id"), table_name="later_facts")
    op.drop_table("later_facts")
