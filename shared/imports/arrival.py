"""A file that came: what can be said of it as a whole is said at once, then it is kept until its job is done."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import IO, Any

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import errors
from shared.context import current
from shared.files.columns import OF_RESOURCES, Columns
from shared.files.media import CSV, NDJSON, TABLES
from shared.imports import jobs
from shared.imports.concealment import concealed
from shared.imports.files import Flaw, Record, chunks_of, records_of
from shared.imports.importer import Importer, ImportQuery, Job
from shared.imports.persons import Persons
from shared.imports.problems import FileEncoding, FileMalformed, MissingColumn, UnknownColumn
from shared.imports.rows import ERROR, safe
from shared.imports.uploads import Upload

AT_ONCE = 16  # chunks
NAMES_SHOWN = 100


async def keep(session: AsyncSession, upload: Upload, importer: Importer[Any], job: Job, query: ImportQuery) -> None:
    """Keeps the job and its file; raises what is wrong with the file as a whole."""
    columns = Columns(await importer.row_for(session, job))
    records = records_of(upload.file, upload.media_type)
    header = await asyncio.to_thread(header_of, upload.file, upload.media_type, records)
    if upload.media_type in TABLES:
        check_header(header, columns)
    await jobs.keep_job(session, job_values(upload, importer, job, query, header))
    records = concealed(records, header, columns, importer, job)
    persons = Persons.of(importer, job.id, header, session)
    await jobs.keep_total(session, job.id, await keep_records(session, job, records, persons))


async def keep_records(session: AsyncSession, job: Job, records: Iterator[Record], persons: Persons | None) -> int:
    total, chunks = 0, chunks_of(persons.concealed(records) if persons else records)
    while some := await asyncio.to_thread(list, islice(chunks, AT_ONCE)):
        await jobs.keep_chunks(session, job.id, some)
        if persons:
            await persons.keep(session)
        total = some[-1].first_row + some[-1].rows - 1
    return total


def job_values(
    upload: Upload, importer: Importer[Any], job: Job, query: ImportQuery, header: Sequence[str]
) -> Mapping[str, Any]:
    context = current()
    thread = {"request_id": context.request_id, "traceparent": context.traceparent}
    return {
        "id": job.id,
        "collection": importer.collection,
        "mode": query.mode,
        "media_type": upload.media_type,
        "header": list(header),
        "by": job.by,
        "context": {**thread, "principal": jobs.kept_principal(job.principal)},
        "ids": {name: str(id) for name, id in job.ids.items()},
        "options": job.options,
        "size": upload.size,
    }


def options_of(query: ImportQuery) -> Mapping[str, Any]:
    return query.model_dump(mode="json", exclude={"mode"})


# --- the header row --------------------------------------------------------------------------------------------


def header_of(file: IO[bytes], media_type: str, records: Iterator[Record]) -> Sequence[str]:
    """The names of the columns in the order of the file; of NDJSON there are none."""
    if media_type in (CSV, NDJSON):
        refuse_utf16(file)
    if media_type not in TABLES:
        return []
    header = next(records, None)
    if header is None or isinstance(header, Flaw):
        raise FileMalformed("The file is empty." if header is None else "The row of column names cannot be read.")
    return [name.strip() for name in header]


def refuse_utf16(file: IO[bytes]) -> None:
    """Without its mark."""
    file.seek(0)
    if b"\x00" in file.read(4):
        raise FileEncoding()


def check_header(header: Sequence[str], columns: Columns) -> None:
    known = [columns.by_name.get(name) for name in header]
    ignored = {ERROR, *OF_RESOURCES}
    named = enumerate(zip(header, known, strict=True))
    unknown = [n for n, (name, column) in named if not column and name not in ignored]
    if unknown:
        places = [unknown_place(n + 1, header[n]) for n in unknown[:NAMES_SHOWN]]
        raise UnknownColumn(hint(header) or known_columns(columns), errors=places)
    there = [column.name for column in known if column]
    if twice := sorted({name for name in there if there.count(name) > 1}):
        raise FileMalformed("A column is there twice.", errors=[place("repeated_column", name) for name in twice])
    if lacking := [one.name for one in columns.all if one.required and one.name not in there]:
        raise MissingColumn(errors=[place("missing_column", name) for name in lacking])


def unknown_place(number: int, name: str) -> errors.Place:
    """A name is answered back only if it looks like one; its number always."""
    return errors.pointer("unknown_column", f"Column {number} is not known here.", safe(name) or str(number))


def place(code: str, name: str) -> errors.Place:
    sentence = "This column must be there." if code == "missing_column" else "This column is there twice."
    return errors.pointer(code, sentence, name)


def hint(header: Sequence[str]) -> str:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        return "Columns must be parted by commas; this file seems to use semicolons or tabs."
    return ""


def known_columns(columns: Columns) -> str:
    return f"The columns known here are {', '.join(one.name for one in columns.all)}."


def columns_in_words(model: type[BaseModel]) -> str:
    """For the documentation of an import."""
    return ", ".join(f"{one.name}{'' if one.required else '?'}" for one in Columns(model).all)
