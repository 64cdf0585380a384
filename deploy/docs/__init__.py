"""The committed documents that are made from the code: `docs/openapi.json` and `docs/events.md`."""
