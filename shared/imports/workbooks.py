"""A workbook as records. It is read by a process of its own, which may take a bounded memory and time and is believed nothing."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from shared import errors
from shared.imports import sheets
from shared.imports.problems import FileMalformed, FileType

PROGRAM = Path(sheets.__file__)
KINDS: dict[str, type[errors.Problem]] = {
    sheets.TOO_LARGE: errors.PayloadTooLarge,
    sheets.MALFORMED: FileMalformed,
    sheets.OF_ANOTHER_TYPE: FileType,
}


def workbook_records(file: IO[bytes]) -> Iterator[list[str]]:
    """The names of the columns first; raises what is wrong with the workbook as a whole."""
    rollover: Any = getattr(file, "rollover", None)
    if rollover:  # what is still in memory has no number that a process could be given
        rollover()
    file.seek(0)
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(PROGRAM)], stdin=file.fileno(), stdout=subprocess.PIPE, env={}, close_fds=True
    ) as reader:
        try:
            yield from told_by(reader.stdout)
        finally:
            reader.kill()


def told_by(lines: IO[bytes] | None) -> Iterator[list[str]]:
    for line in lines or ():
        found = orjson.loads(line) if line.endswith(b"\n") else {}
        if isinstance(found, list):
            yield found
        elif "problem" in found:
            kind, detail = found["problem"]
            raise KINDS[kind](detail)
        elif "end" in found:
            return
    raise errors.PayloadTooLarge("The workbook takes too much memory or time to be read. Send it as CSV.")
