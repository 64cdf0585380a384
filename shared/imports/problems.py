"""What may be wrong with a file as a whole; all else is an error of a row."""

from shared.errors import Problem


class FileEncoding(Problem):
    code, status, title = "file-encoding", 422, "The file is not UTF-8"
    explanation = "Save the file as UTF-8 and send it again."


class FileMalformed(Problem):
    code, status, title = "file-malformed", 422, "The file cannot be read"
    explanation = "A file begins with a row of column names, each once; in CSV they are parted by commas."


class FileType(Problem):
    code, status, title = "file-type", 415, "A workbook of this kind is not taken"
    explanation = "Save it as an Excel workbook (.xlsx) without macros, password and links to other files."


class UnknownColumn(Problem):
    code, status, title = "unknown-column", 422, "The file has a column that is not known here"
    explanation = "`errors` names the columns. Remove them, or see the documentation of this import for their names."


class MissingColumn(Problem):
    code, status, title = "missing-column", 422, "The file lacks a column"
    explanation = "`errors` names the columns that must be there."


class RowsRejected(Problem):
    code, status, title = "rows-rejected", 422, "Nothing was stored, because rows were rejected"
    explanation = (
        "An `atomic` import stores all rows or none. Mend the rows that its `errors` name, and send the file again."
    )
