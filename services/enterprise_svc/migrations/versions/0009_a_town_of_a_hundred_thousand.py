"""a town of a hundred thousand: likely duplicates are looked up by other keys than those under which they are kept"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.enterprise_svc.matching.likeness.blocking import Sought

revision = "enterprise_0009"
down_revision = "enterprise_0008"
branch_labels = None
depends_on = None

match_keys = sa.table(
    "match_keys",
    sa.column("enterprise_id", sa.Uuid()),
    sa.column("keys", postgresql.ARRAY(sa.BigInteger())),
    sa.column("keys_around", postgresql.ARRAY(sa.BigInteger())),
)
PART = sa.text(
    """
    select id, legal_name, local_name, trade_names, country, subdivision, address, location, identifiers
    from enterprises where id > :last order by id limit 1000
    """
).bindparams(sa.bindparam("last", type_=sa.Uuid()))


def upgrade() -> None:
    """All keys are made anew: a million in some five minutes."""
    op.add_column("match_keys", sa.Column("keys_around", postgresql.ARRAY(sa.BigInteger()), nullable=True))
    op.drop_index("match_keys_keys", "match_keys")
    op.execute(sa.delete(match_keys))
    for rows in parts_of(op.get_bind()):
        sought = ((row.id, Sought.of(row)) for row in rows)
        kept = [{"enterprise_id": id, "keys": one.keys, "keys_around": one.keys_around} for id, one in sought]
        op.bulk_insert(match_keys, kept)
    op.alter_column("match_keys", "keys_around", nullable=False)
    op.create_index(
        "match_keys_keys",
        "match_keys",
        ["keys"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )


def parts_of(connection: sa.Connection) -> Any:
    """The enterprises that are there, some at once."""
    last = UUID(int=0)
    while rows := connection.execute(PART, {"last": last}).all():
        yield rows
        last = rows[-1].id


def downgrade() -> None:
    """The keys of the earlier kind are gone: what is there is found again when it is amended, or after going up again."""
    op.drop_column("match_keys", "keys_around")
