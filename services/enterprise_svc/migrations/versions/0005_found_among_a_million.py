"""found among a million: likely duplicates by blocking keys, names by their parts and with a letter wrong"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.enterprise_svc.enterprises.names import remembered, searchable
from services.enterprise_svc.matching.likeness.blocking import keys_of
from services.enterprise_svc.matching.likeness.facts import facts_of

revision = "enterprise_0005"
down_revision = "enterprise_0004"
branch_labels = None
depends_on = None

enterprises = sa.table("enterprises", sa.column("id", sa.Uuid()), sa.column("searchable", sa.Text()))
AT_ONCE = 1000
COMPARED = "id, legal_name, local_name, trade_names, country, subdivision, address, location, identifiers"


def upgrade() -> None:
    match_keys = op.create_table(
        "match_keys",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("keys", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"]),
        sa.PrimaryKeyConstraint("enterprise_id"),
    )
    op.create_index(
        "match_keys_keys",
        "match_keys",
        ["keys"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    name_words = op.create_table("name_words", sa.Column("word", sa.Text(), nullable=False))
    op.create_index("name_words_word", "name_words", ["word"], unique=False)
    op.create_index(
        "name_words_near",
        "name_words",
        ["word"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )
    words: set[str] = set()
    for rows in parts_of(op.get_bind()):
        op.bulk_insert(match_keys, [{"enterprise_id": row.id, "keys": keys_of(facts_of(row))} for row in rows])
        names = {row.id: searchable([row.legal_name, row.local_name, *row.trade_names]) for row in rows}
        op.get_bind().execute(
            sa.update(enterprises)
            .where(enterprises.c.id == sa.bindparam("at"))
            .values(searchable=sa.bindparam("names")),
            [{"at": id, "names": text} for id, text in names.items()],
        )
        words |= {word for text in names.values() for word in remembered(text)}
    op.bulk_insert(name_words, [{"word": word} for word in sorted(words)])


def parts_of(connection: sa.Connection) -> Any:
    """The enterprises that are there, some at once."""
    part = sa.text(f"select {COMPARED} from enterprises where id > :last order by id limit {AT_ONCE}")
    last = UUID(int=0)
    while rows := connection.execute(part.bindparams(sa.bindparam("last", type_=sa.Uuid())), {"last": last}).all():
        yield rows
        last = rows[-1].id


def downgrade() -> None:
    op.drop_table("name_words")
    op.drop_table("match_keys")
