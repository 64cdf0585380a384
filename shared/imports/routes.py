from typing import Any

from shared.imports.importer import Importer
from shared.routing import Router


def import_routes(router: Router, importer: Importer[Any]) -> None:
    """The operations of a collection's imports."""
