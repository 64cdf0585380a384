"""Files into collections: `import_routes` in a slice's routes, an `Importer` for what a row means, `Imports` does the work."""

from shared.imports.importer import Importer, Job, Outcome, Rejected, Row, RowError
from shared.imports.routes import import_routes
from shared.imports.uploads import Uploads
from shared.imports.work import Imports

__all__ = ["Importer", "Imports", "Job", "Outcome", "Rejected", "Row", "RowError", "Uploads", "import_routes"]
