"""One file an event: what was published once must be read for ever.

`tests/events/<publisher>/<subject>.json` holds a payload as it was published. A change of an event adds fields with
defaults; whoever must do more publishes a new version with a file of its own and leaves the old class and file.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import shared.events
from shared.events import Event

HERE = Path(__file__).parent


def facts(kind: type[Event] = Event) -> Iterator[type[Event]]:
    """Every event that is published."""
    for one in kind.__subclasses__():
        if one.__module__.startswith("shared.events") and "subject" in one.__dict__:
            yield one
        yield from facts(one)


for module in pkgutil.iter_modules(shared.events.__path__):
    importlib.import_module(f"shared.events.{module.name}")

BY_SUBJECT = {fact.subject: fact for fact in facts()}
FILES = sorted(HERE.glob("*/*.json"))


def file_of(subject: str) -> Path:
    return HERE / subject.split(".")[1] / f"{subject}.json"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_was_published_is_still_read(file: Path) -> None:
    published: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    event = BY_SUBJECT[file.stem].model_validate_json(json.dumps(published))
    read = event.model_dump(mode="json")
    assert {name: read[name] for name in published} == published


@pytest.mark.parametrize("subject", sorted(BY_SUBJECT))
def test_every_event_has_its_file(subject: str) -> None:
    assert file_of(subject).exists(), f"write {file_of(subject).relative_to(HERE)}: a payload as it is published"


def test_a_file_that_lacks_a_field_would_be_noticed() -> None:
    file = FILES[0]
    published = json.loads(file.read_text(encoding="utf-8"))
    published.pop("version")
    with pytest.raises(ValueError, match="version"):
        BY_SUBJECT[file.stem].model_validate_json(json.dumps(published))
