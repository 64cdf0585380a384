"""Brings a database to the present schema.

    python -m shared.migrations enterprise      # reads SCORE_MIGRATION_URL_ENTERPRISE, the owner's

Two lines of revisions: the tables every service has (here) and the service's own (`services/<name>/migrations/versions`).
Both are brought to their heads; afterwards the application role gets its rights on what is there, and its fences.
"""

import importlib
import importlib.util
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import to_tuple
from sqlalchemy import MetaData

from shared.permissions.visibility import Visibility

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = {"enterprise": "enterprise_svc", "training": "training_svc", "metrics": "metrics_svc", "gateway": "gateway"}


def config_for(service: str, url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "shared" / "migrations"))
    config.set_main_option("version_path_separator", "newline")
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in version_folders(service)))
    config.attributes["url"] = url
    config.attributes["service"] = service
    return config


def version_folders(service: str) -> list[Path]:
    own = ROOT / "services" / PACKAGES[service] / "migrations" / "versions"
    return [ROOT / "shared" / "migrations" / "versions", own]


def metadata_of(service: str) -> list[MetaData]:
    """What the code believes the schema to be: the service's models and the common tables."""
    models = importlib.import_module(f"services.{PACKAGES[service]}.models_base")
    importlib.import_module(f"services.{PACKAGES[service]}.tables")
    return [models.Base.metadata, importlib.import_module("shared.tables").mechanisms]


def visibility_of(service: str) -> Visibility:
    """The service's rules; none where nobody but the administrator comes."""
    name = f"services.{PACKAGES[service]}.visibility"
    known = importlib.util.find_spec(name) is not None
    return importlib.import_module(name).visibility if known else Visibility([])


@dataclass(frozen=True)
class Revisions:
    """The revisions this code knows, and those it needs."""

    known: frozenset[str]
    heads: frozenset[str]

    @classmethod
    def of(cls, service: str) -> "Revisions":
        script = ScriptDirectory.from_config(config_for(service, url=""))
        known = list(script.walk_revisions())
        # the database does not name a head that another revision depends on
        implied = {name for one in known for name in to_tuple(one.dependencies, default=())}
        return cls(frozenset(one.revision for one in known), frozenset(script.get_heads()) - implied)

    def problem(self, applied: Set[str]) -> str | None:
        """None if the schema is this code's, or a later one: code of the release before must run on it, too."""
        if self.heads <= applied or applied - self.known:
            return None
        return "schema-behind: run the migrations"
