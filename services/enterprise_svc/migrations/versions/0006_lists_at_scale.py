"""each filter of a list has an index in the list's own orders"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "enterprise_0006"
down_revision = "enterprise_0005"
branch_labels = None
depends_on = None

TABLE = "enterprises"
DIVISION = sa.text('"left"(isic::text, 2)')
INDEXES: dict[str, list[Any]] = {
    "enterprises_country_created": ["country", "created_at"],
    "enterprises_country_updated": ["country", "updated_at"],
    "enterprises_state_created": ["state", "created_at"],
    "enterprises_state_updated": ["state", "updated_at"],
    "enterprises_country_state": ["country", "state", "created_at"],
    "enterprises_isic_updated": ["isic", "updated_at"],
    "enterprises_division_created": [DIVISION, "created_at"],
    "enterprises_division_updated": [DIVISION, "updated_at"],
}
BEGINNINGS = {"isic": "text_pattern_ops"}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, TABLE, columns)
    op.drop_index("enterprises_isic", TABLE)
    op.create_index("enterprises_isic", TABLE, ["isic", "created_at"], postgresql_ops=BEGINNINGS)
    for column in ("country", "state"):
        op.drop_index(f"ix_enterprises_{column}", TABLE)


def downgrade() -> None:
    for column in ("country", "state"):
        op.create_index(f"ix_enterprises_{column}", TABLE, [column])
    op.drop_index("enterprises_isic", TABLE)
    op.create_index("enterprises_isic", TABLE, ["isic"], postgresql_ops=BEGINNINGS)
    for name in INDEXES:
        op.drop_index(name, TABLE)
