"""Files out of lists: every list of every service answers as CSV, NDJSON and XLSX too, without a line of its own.

`Pages` gives the door a `Listing` where a file is asked for; the door makes an `ExportAnswer` of it.
"""
