"""The record files, and the references in them.

A text `ref:<external_ref>` stands for the id of the record with that `external_ref`, in bodies and in paths.
"""

import csv
import json
import re
from pathlib import Path
from typing import Any

from deploy.demo.trouble import DemoFailed

FOLDER = Path(__file__).parent / "records"
REFERENCE = re.compile(r"ref:([^/]+)")


def collections_in(name: str) -> list[dict[str, Any]]:
    """`[{"path", "verbs": [{"verb", "body"?}], "records": [...]}]` of a JSON file."""
    content = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    collections: list[dict[str, Any]] = content["collections"]
    return collections


def file_to_import(name: str) -> bytes:
    return (FOLDER / f"{name}.csv").read_bytes()


def external_refs_in(name: str) -> list[str]:
    """The `external_ref` of each line of a CSV file."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [row["external_ref"] for row in csv.DictReader(file)]


def references(value: Any) -> set[str]:
    """Every `external_ref` a record refers to."""
    if isinstance(value, dict):
        return set().union(*map(references, value.values()))
    if isinstance(value, list):
        return set().union(*map(references, value))
    return set(REFERENCE.findall(value)) if isinstance(value, str) else set()


def resolved(value: Any, ids: dict[str, str]) -> Any:
    """The same with ids in place of references."""
    if isinstance(value, dict):
        return {name: resolved(part, ids) for name, part in value.items()}
    if isinstance(value, list):
        return [resolved(part, ids) for part in value]
    return REFERENCE.sub(lambda found: known(found[1], ids), value) if isinstance(value, str) else value


def known(external_ref: str, ids: dict[str, str]) -> str:
    if external_ref not in ids:
        raise DemoFailed(f"The records refer to {external_ref}, which none of them before has made.")
    return ids[external_ref]


def waves(records: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The records in groups that may be sent side by side: whoever is referred to comes in an earlier group."""
    rest, groups = list(records), []
    while rest:
        waiting = {record["external_ref"] for record in rest}
        group = [record for record in rest if not references(record) & waiting]
        if not group:
            raise DemoFailed(f"Records refer to each other in a ring: {', '.join(sorted(waiting))}.")
        groups.append(group)
        rest = [record for record in rest if record not in group]
    return groups
