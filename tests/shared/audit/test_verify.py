"""Whoever rewrites a history as a superuser is found, and the first bad entry named."""

from pathlib import Path
from uuid import UUID

import pytest

from shared.audit.chain import Head, link
from shared.audit.verify import seals
from shared.db import telling
from shared.permissions.who import NOBODY_BUT_US
from tests.shared.audit.conftest import SECRET, Ledger

ONE = UUID("01900000-0000-7000-8000-000000000001")
DROP_SEAL = "delete from history_seals where seq = 4"
SHIFT = "update history_seals set seq = -seq where seq > 4; update history_seals set seq = -seq - 1 where seq < 0"
SWAP = """
update history_seals set history_id = case seq when 3 then -(select history_id from history_seals where seq = 6)
    else -(select history_id from history_seals where seq = 3) end where seq in (3, 6);
update history_seals set history_id = -history_id where seq in (3, 6)
"""
SWAP_ROWS = """
update history h set changes = o.changes, by = o.by from history o
where (h.id, o.id) in ((3, 6), (6, 3))
"""
SLIP_IN = """
update history_seals set seq = -seq where seq > 4; update history_seals set seq = -seq + 1 where seq < 0;
insert into history overriding system value
    select 999, aggregate, gen_random_uuid(), 1, at, by, request_id, changes from history where id = 4;
insert into history_seals select 5, 999, hash, sealed_at from history_seals where seq = 4
"""


@pytest.fixture
async def ten(ledger: Ledger) -> Ledger:
    """Ten changes, sealed: those of `ONE` in four versions, with others between them. Ids and seqs are 1 to 10."""
    for n in range(1, 11):
        aggregate, version = (ONE, 1 + n // 3) if n % 3 == 0 or n == 1 else (None, 1)
        await ledger.change(aggregate, version, f'{{"name": [null, "n{n}"], "share": [null, 1.10]}}')
    await ledger.seal()
    return ledger


async def test_a_history_as_it_was_sealed_is_good(ten: Ledger) -> None:
    report = await ten.verify()
    assert (report.wrong, report.notes, report.head.seq) == ([], [], 10)


@pytest.mark.parametrize(
    ("statement", "seq", "words"),
    [
        ("update history set changes = '{}' where id = 4", 4, "history row 4"),
        ("update history set changes = jsonb_set(changes, '{share,1}', '1.1') where id = 4", 4, "history row 4"),
        ("update history set by = 'client-2' where id = 4", 4, "history row 4"),
        ("update history set at = at - interval '1 microsecond' where id = 4", 4, "history row 4"),
        ("update history set request_id = '' where id = 10", 10, "history row 10"),
        ("update history_seals set sealed_at = sealed_at - interval '1 day' where seq = 4", 4, "history row 4"),
        ("update history_seals set hash = sha256('') where seq = 4", 4, "history row 4"),
        ("delete from history where id = 4", 4, "history row 4 was removed"),
        (DROP_SEAL, 4, "the seal was removed"),
        (f"delete from history where id = 4; {DROP_SEAL}", 4, "the seal was removed"),
        (f"delete from history where id = 4; {DROP_SEAL}; {SHIFT}", 4, "history row 5"),
        (SWAP, 3, "history row 6"),
        (SWAP_ROWS, 3, "history row 3"),
        (SLIP_IN, 5, "history row 999"),
    ],
)
async def test_the_first_bad_entry_is_named(ten: Ledger, statement: str, seq: int, words: str) -> None:
    await ten.tamper(statement)
    report = await ten.verify()
    assert report.wrong[0].startswith(f"seq {seq}: ")
    assert words in report.wrong[0]
    assert report.head.seq == seq - 1


async def test_a_version_that_was_slipped_in_has_no_free_number(ten: Ledger) -> None:
    await ten.change(ONE, 2)
    await ten.seal()
    (wrong,) = (await ten.verify()).wrong
    assert wrong.startswith("seq 11: history row 11")


async def test_what_says_that_it_is_old_and_was_never_sealed_is_named(ten: Ledger) -> None:
    await ten.tamper("update history set at = at - interval '2 minutes' where id = 10", "delete from history_seals")
    await ten.seal()
    await ten.tamper("delete from history_seals where seq = 10")
    (wrong,) = (await ten.verify()).wrong
    assert wrong.startswith("unsealed: history row 10 ")


async def test_what_was_sealed_long_after_its_time_is_noted(ten: Ledger) -> None:
    await ten.superuser.execute(
        "insert into history (aggregate, aggregate_id, version, at, by, request_id, changes) "
        "values ('Toy', gen_random_uuid(), 1, now() - interval '1 year', 'x', 'y', '{}')"
    )
    await ten.seal()
    report = await ten.verify()
    assert report.wrong == []
    assert "seq 11" in report.notes[0]


# --- heads that were told ----------------------------------------------------------------------------------------


async def head_of(ledger: Ledger, seq: int = 10) -> Head:
    digest = await ledger.superuser.fetchval("select hash from history_seals where seq = $1", seq)
    return Head("metrics", seq, digest)


async def test_a_tail_that_was_cut_off_is_found_against_a_head(ten: Ledger) -> None:
    head = await head_of(ten)
    await ten.tamper("delete from history where id > 7; delete from history_seals where seq > 7")
    assert (await ten.verify()).wrong == []  # the chain alone can't tell
    (wrong,) = (await ten.verify(head)).wrong
    assert wrong.startswith("seq 8: the tail was cut off")


async def rewrite(ledger: Ledger, from_seq: int, statement: str) -> None:
    """As somebody does who knows how it is made: every seal behind is made anew, too."""
    await ledger.tamper(statement)
    before = await ledger.superuser.fetchval("select hash from history_seals where seq = $1", from_seq - 1)
    async with ledger.database.engine.connect() as connection:
        await connection.exec_driver_sql(*telling(NOBODY_BUT_US))
        rows = [row async for row in seals(connection) if row["seq"] >= from_seq]
    for row in rows:
        before = link(before, row["seq"], row["sealed_at"], row)
        await ledger.tamper(f"update history_seals set hash = '\\x{before.hex()}' where seq = {row['seq']}")


async def test_a_history_that_was_rewritten_with_its_seals_is_found_against_the_heads(ten: Ledger) -> None:
    heads = [await head_of(ten, seq) for seq in (2, 5, 10)]
    await rewrite(ten, 4, "update history set by = 'client-2' where id = 4")
    assert (await ten.verify()).wrong == []
    assert (await ten.verify(heads[0])).wrong == []
    (wrong,) = (await ten.verify(*heads)).wrong
    assert wrong.startswith("seq 3 to 5: rewritten")


def keep(log: Path, *lines: str) -> None:
    log.write_text("\n".join(lines) + "\n")


async def test_the_command_tells_and_its_exit_code_too(ten: Ledger, log: Path) -> None:
    head = await head_of(ten)
    keep(log, "{}", f'{{"head": "{head.signed(SECRET)}", "event": "history head"}}')
    good = ten.command("--heads", str(log))
    assert (good.returncode, good.stderr) == (0, "")
    assert "10 changes are as they were sealed (1 heads" in good.stdout
    await ten.tamper("update history set by = 'client-2' where id = 4")
    bad = ten.command("--heads", str(log))
    assert bad.returncode == 1
    assert "metrics: seq 4: history row 4 (Toy " in bad.stdout


async def test_a_head_that_was_not_signed_here_is_refused(ten: Ledger) -> None:
    assert ten.command("--head", (await head_of(ten)).signed("another secret")).returncode == 2
    assert ten.command("--head", Head("training", 99, bytes(32)).signed(SECRET)).returncode == 0
