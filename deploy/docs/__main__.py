"""Writes the documents that are made from the code, or says that they are not current.

python -m deploy.docs openapi events      # write these two
python -m deploy.docs --check openapi     # exit 1 if docs/openapi.json is not what the code says
"""

import argparse
import sys
from pathlib import Path

from deploy.docs.events import events_page
from deploy.docs.openapi import openapi_text
from deploy.docs.permissions import permissions_page

FOLDER = Path(__file__).resolve().parents[2] / "docs"
DOCUMENTS = {
    "openapi": ("openapi.json", openapi_text),
    "events": ("events.md", events_page),
    "permissions": ("permissions.md", permissions_page),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.docs", epilog="for example: python -m deploy.docs events")
    parser.add_argument("documents", nargs="+", choices=sorted(DOCUMENTS))
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if one is not current")
    options = parser.parse_args()
    stale = [name for name in options.documents if bring_up_to_date(name, write=not options.check)]
    if options.check and stale:
        print(f"Not current: {', '.join(stale)}. Run `make {' '.join(stale)}` and commit.", file=sys.stderr)
    return int(options.check and bool(stale))


def bring_up_to_date(name: str, write: bool) -> bool:
    """True if the committed document was another."""
    file, make = DOCUMENTS[name]
    path, text = FOLDER / file, make()
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    if write:
        path.write_text(text, encoding="utf-8")
        print(f"docs/{file} written")
    return True


if __name__ == "__main__":
    raise SystemExit(main())
