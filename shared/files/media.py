"""The forms a file may have."""

JSON = "application/json"
CSV, NDJSON = "text/csv", "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLES = (CSV, XLSX)  # with a row of names; of the others each record names its values
ENDINGS = {CSV: "csv", NDJSON: "ndjson", XLSX: "xlsx"}
