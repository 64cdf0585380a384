"""whole words of names have an index of their own: what may have been meant is looked up by it"""

import sqlalchemy as sa
from alembic import op

revision = "enterprise_0010"
down_revision = "enterprise_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "enterprises_words",
        "enterprises",
        [sa.literal_column("string_to_array(searchable, ' '::text)")],
        unique=False,
        postgresql_using="gin",
    )


def downgrade() -> None:
    op.drop_index("enterprises_words", "enterprises", postgresql_using="gin")
