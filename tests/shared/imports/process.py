"""`python -m tests.shared.imports.process`: the books as a process of its own, which a test may kill."""

from shared.serve import serve
from shared.settings import ServiceSettings
from tests.shared.imports.books import create_app

if __name__ == "__main__":
    settings = ServiceSettings.read("enterprise")
    serve(create_app(settings), settings)
