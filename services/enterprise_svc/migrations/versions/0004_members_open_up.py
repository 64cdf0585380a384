"""organisations let what they are members of see what they agree on"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "enterprise_0004"
down_revision = "enterprise_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    nobody = postgresql.ARRAY(sa.Uuid())
    op.add_column("organisations", sa.Column("open_to", nobody, nullable=False, server_default="{}"))
    op.alter_column("organisations", "open_to", server_default=None)
    op.add_column("memberships", sa.Column("open", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("memberships", "open", server_default=None)
    op.create_index("ix_memberships_organisation_id", "memberships", ["organisation_id"])


def downgrade() -> None:
    op.drop_index("ix_memberships_organisation_id", table_name="memberships")
    op.drop_column("memberships", "open")
    op.drop_column("organisations", "open_to")
