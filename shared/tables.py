"""The tables every service has beside its own: events in and out, history, idempotency, imports."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


ischema_names["xid8"] = Xid8  # so that a migration check knows the column when it meets it

mechanisms = MetaData()


def instant(name: str, **options: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), **({"nullable": False} | options))


def required(name: str, kind: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **options)


# Written beside the change it tells of; the relay publishes it, then fills `published_at` and `stream_seq`.
outbox = Table(
    "outbox",
    mechanisms,
    Column("event_id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    required("subject", Text),
    required("aggregate_id", Uuid),
    required("aggregate_version", Integer),
    required("payload", JSONB),
    required("traceparent", Text),
    required("request_id", Text),
    required("by", Text),
    instant("occurred_at"),
    Column("xid", Xid8, nullable=False, server_default=func.pg_current_xact_id()),
    instant("published_at", nullable=True),
    Column("stream_seq", BigInteger),
    # not `seq > last`: sequence values are taken before the commit, so the late ones would be passed over
    Index("outbox_unpublished", "seq", postgresql_where=text("published_at is null")),
    Index("outbox_published", "published_at", postgresql_where=text("published_at is not null")),
)

# Written in the transaction of the event's effect: what is here has taken effect and never does again.
inbox = Table(
    "inbox",
    mechanisms,
    Column("event_id", Uuid, primary_key=True),
    required("subject", Text),
    required("stream_seq", BigInteger),
    instant("received_at", server_default=func.now()),
    Index("inbox_received", "received_at"),
)

# Events that could not take effect, as they came. `event_id` of a broken envelope is made from its place in the stream.
dead_letters = Table(
    "dead_letters",
    mechanisms,
    Column("event_id", Uuid, primary_key=True),
    required("subject", Text),
    required("headers", JSONB),
    required("payload", LargeBinary),
    required("error", Text),
    required("stream_seq", BigInteger),
    instant("first_failed_at", server_default=func.now()),
    required("attempts", Integer),
    instant("redriven_at", nullable=True),
)

# Which stream this service's events lie in: another `created` means that the broker lost them.
streams_seen = Table(
    "streams_seen",
    mechanisms,
    Column("stream", Text, primary_key=True),
    required("created", Text),
)

history = Table(
    "history",
    mechanisms,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    required("aggregate", Text),
    required("aggregate_id", Uuid),
    required("version", Integer),
    instant("at"),
    required("by", Text),
    required("request_id", Text),
    required("changes", JSONB),  # {field: [from, to]}; a text instead of the two is encrypted: see `shared.personal`
    Column("xid", Xid8, nullable=False, server_default=func.pg_current_xact_id()),
    Index("history_of_aggregate", "aggregate_id", "version"),
    Index("history_xid", "xid"),
    info={"append_only": True},
)

# The chain over the history, without a gap: see `shared.audit`.
history_seals = Table(
    "history_seals",
    mechanisms,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    required("history_id", BigInteger, unique=True),
    required("hash", LargeBinary),
    instant("sealed_at"),
    info={"append_only": True},
)

# The key of each person there is, encrypted with one of the installation's. Who is erased has none.
personal_keys = Table(
    "personal_keys",
    mechanisms,
    Column("person", Uuid, primary_key=True),
    required("wrapped", LargeBinary),
    instant("made_at", server_default=func.now()),
)

idempotency = Table(
    "idempotency",
    mechanisms,
    Column("client", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    required("fingerprint", LargeBinary),
    required("status", Integer),
    required("body", LargeBinary),
    required("headers", JSONB),
    required("persons", ARRAY(Uuid), server_default="{}"),  # whose keys the body is encrypted with, one after the other
    instant("created_at"),
    Index("idempotency_age", "created_at"),
)

# A file to be worked through. `done`, the counts and `last_event` follow each batch of `partial` in the batch's transaction.
imports = Table(
    "imports",
    mechanisms,
    Column("id", Uuid, primary_key=True),
    required("collection", Text),
    required("mode", Text),  # dry_run | atomic | partial
    required("state", Text, server_default="queued"),  # queued | running | succeeded | failed | cancelled
    required("media_type", Text),
    required("header", JSONB),  # names of the columns in the file's order; [] where records carry their names
    required("by", Text),
    required("context", JSONB),  # the request's id, trace and principal
    required("ids", JSONB),  # of the path
    required("options", JSONB),  # query parameters beside the mode
    required("size", BigInteger),  # bytes
    *(required(name, Integer, server_default=text("0")) for name in ("done", "total")),
    *(required(name, Integer, server_default=text("0")) for name in ("created", "updated", "unchanged", "rejected")),
    Column("problem", JSONB(none_as_null=True)),
    Column("last_event", Uuid),
    required("cancel_requested", Boolean, server_default=text("false")),
    required("attempts", Integer, server_default=text("0")),  # begun since the last progress; bounds what can't go on
    instant("created_at", server_default=func.now()),
    instant("updated_at", server_default=func.now()),
    instant("finished_at", nullable=True),
    Index("imports_to_do", "created_at", postgresql_where=text("state in ('queued', 'running')")),
    Index("imports_finished", "finished_at"),
)


def of_import() -> Column[Any]:
    return Column("import_id", Uuid, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)


# The file's records, each chunk one batch: a JSON array, compressed. Whole records, so that any chunk can be read alone.
import_chunks = Table(
    "import_chunks",
    mechanisms,
    of_import(),
    Column("n", Integer, primary_key=True, autoincrement=False),
    required("first_row", Integer),  # 1 = the first record of the file
    required("rows", Integer),
    required("data", LargeBinary),
)

import_errors = Table(
    "import_errors",
    mechanisms,
    of_import(),
    Column("place", Integer, primary_key=True, autoincrement=False),  # 32 x row + 1 for the row's first error, + 2 ...
    required("row", Integer),  # 1 = the first record
    Column("column", Text),
    required("code", Text),
    required("detail", Text),
    Column("value", Text),
)

# Who is named in a file, under the mark that stands in the file's records instead: see `shared.imports.persons`.
import_persons = Table(
    "import_persons",
    mechanisms,
    of_import(),
    Column("mark", LargeBinary, primary_key=True),
    required("concealed", LargeBinary),
    required("loose", Boolean),  # a text that nobody can say of whom it speaks
    Index("import_persons_loose", "import_id", postgresql_where=text("loose")),
)
