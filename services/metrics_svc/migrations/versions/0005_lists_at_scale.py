"""each filter that lets many through has an index in the list's own orders"""

from alembic import op

revision = "metrics_0005"
down_revision = "metrics_0004"
branch_labels = None
depends_on = None

INDEXES = {
    "observations": [
        ("indicator", "created"),
        ("indicator", "updated"),
        ("state", "created"),
        ("state", "updated"),
        ("period", "created"),
        ("source", "created"),
    ],
    "savings": [("state", "created"), ("state", "updated"), ("month", "created")],
}
BEFORE = {"observations": ["indicator", "period", "state"], "savings": ["month", "state"]}


def upgrade() -> None:
    for table, pairs in INDEXES.items():
        for column, order in pairs:
            op.create_index(f"{table}_{column}_{order}", table, [column, f"{order}_at"])
        for column in BEFORE[table]:
            op.drop_index(f"ix_{table}_{column}", table)


def downgrade() -> None:
    for table, pairs in INDEXES.items():
        for column in BEFORE[table]:
            op.create_index(f"ix_{table}_{column}", table, [column])
        for column, order in pairs:
            op.drop_index(f"{table}_{column}_{order}", table)
