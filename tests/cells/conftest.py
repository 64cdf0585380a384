"""A database of metrics_svc alone, for what needs no other process."""

from tests.results.conftest import database, postgres, schema

__all__ = ["database", "postgres", "schema"]
