"""to which federations an organisation is open; nobody's is, until its owner tells"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "metrics_0004"
down_revision = "metrics_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ids = postgresql.ARRAY(sa.Uuid())
    op.add_column("organisation_views", sa.Column("open_to", ids, nullable=False, server_default="{}"))
    op.alter_column("organisation_views", "open_to", server_default=None)
    op.create_index("organisation_views_open_to", "organisation_views", ["open_to"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("organisation_views_open_to", table_name="organisation_views")
    op.drop_column("organisation_views", "open_to")
