"""Brings a database to the present schema.

    python -m shared.migrations enterprise      # reads SCORE_MIGRATION_URL_ENTERPRISE, the owner's

Two lines of revisions: the tables every service has (here) and the service's own (`services/<name>/migrations/versions`).
Both are brought to their heads; afterwards the application role gets its rights on what is there, and its fences.
"""

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import MetaData

from shared.permissions.visibility import Visibility

if TYPE_CHECKING:
    from alembic.config import Config

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = {"enterprise": "enterprise_svc", "training": "training_svc", "metrics": "metrics_svc", "gateway": "gateway"}
ABOUT = re.compile(r"^(revision|down_revision|depends_on) = (.+)$", re.MULTILINE)


def config_for(service: str, url: str) -> "Config":
    from alembic.config import Config  # only whoever migrates waits for Alembic

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
class Revision:
    """What the head of a revision's file says: which it follows, and which must be there as well."""

    name: str
    after: tuple[str, ...]
    needs: tuple[str, ...]


def revisions_in(folders: list[Path]) -> Iterator[Revision]:
    """Read, not imported: a service wants their names only, at each of its starts."""
    for path in (path for folder in folders for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"):
        said = {name: ast.literal_eval(value) for name, value in ABOUT.findall(path.read_text())}
        yield Revision(said["revision"], names_of(said["down_revision"]), names_of(said["depends_on"]))


def names_of(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


@dataclass(frozen=True)
class Revisions:
    """The revisions this code knows, and those it needs."""

    known: frozenset[str]
    heads: frozenset[str]

    @classmethod
    def of(cls, service: str) -> "Revisions":
        known = list(revisions_in(version_folders(service)))
        # the database does not name a head that another revision depends on
        followed = {name for one in known for name in (*one.after, *one.needs)}
        names = frozenset(one.name for one in known)
        return cls(names, names - followed)

    def problem(self, applied: Set[str]) -> str | None:
        """None if the schema is this code's, or a later one: code of the release before must run on it, too."""
        if self.heads <= applied or applied - self.known:
            return None
        return "schema-behind: run the migrations"
