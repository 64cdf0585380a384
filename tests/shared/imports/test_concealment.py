"""What an importer calls secret is concealed before a record is kept."""

from collections.abc import Hashable, Sequence
from typing import Any

import pytest
from pydantic import BaseModel

from shared.db import uuid7
from shared.files.columns import Columns
from shared.imports import Importer, Job, Outcome, Row
from shared.imports.concealment import concealed
from shared.imports.files import Flaw, Record


class Slip(BaseModel):
    slip_id: str
    answer: int | None = None


class SlipImporter(Importer[Slip]):
    collection, row = "slips", Slip
    secret_columns = frozenset({"slip_id"})

    def conceal(self, job: Job, cell: str) -> str:
        return f"<{len(cell)}>"

    def key(self, values: Slip) -> Hashable:
        return values.slip_id

    async def store(self, session: Any, rows: Sequence[Row[Slip]], job: Job) -> list[Outcome]:
        return ["created" for _ in rows]


def kept(record: Record, header: Sequence[str] = ("answer", "slip_id")) -> Record:
    job = Job(uuid7(), "somebody", {})
    return next(concealed([record], header, Columns(Slip), SlipImporter(), job))


@pytest.mark.parametrize(
    ("record", "as_kept"),
    [
        (["1", "secret"], ["1", "<6>"]),
        (["secret"], [""]),
        (["1", "secret", "2"], ["", "", ""]),
        (Flaw("malformed_quotes", 'a"secret'), Flaw("malformed_quotes", "")),
        ('{"answer":1.10,"slip_id":"secret"}', '{"answer":1.10,"slip_id":"<6>"}'),
        ('{"answer":1,"slip":"secret"}', '{"answer":1,"slip":"<6>"}'),
        ('{"slip_id":123456}', '{"slip_id":"<6>"}'),
        ('{"slip_id":null}', '{"slip_id":null}'),
        ('["secret"]', Flaw("malformed_row", "")),
        ('{"slip_id":"secret"', Flaw("malformed_row", "")),
        ('{"slip_id":"secret","answer":"\\ud800"}', Flaw("malformed_row", "")),
    ],
    ids=str,
)
def test_a_record_is_kept_without_its_secret(record: Record, as_kept: Record) -> None:
    assert kept(record) == as_kept


def test_a_column_may_be_written_without_its_id() -> None:
    assert kept(["1", "secret"], ["answer", "slip"]) == ["1", "<6>"]
