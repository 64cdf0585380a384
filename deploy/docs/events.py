"""`docs/events.md`: what each service announces, with the fields, and who listens."""

import importlib
from collections.abc import Iterable, Iterator
from typing import Any

from shared.events import Event
from shared.events.rebuild import BY_SUBSCRIBER
from shared.subscriptions import Subscriptions

PUBLISHERS = ("enterprise", "training", "metrics")
HEAD = """# Events

Written by `make events` from `shared/events/`; a test fails when it is not current.

Every event is a CloudEvent in binary mode on the JetStream stream `SCORE`: attributes as `ce-` headers (`ce-id`, `ce-type` is
the subject, `ce-source`, `ce-subject` is the aggregate's id, `ce-time`, `ce-traceparent`, `ce-requestid`, `ce-principal`), the
body is JSON. It carries `id` and `version` of its aggregate and its **whole public state**: whoever keeps a copy needs
nothing else, and takes events in any order by keeping the highest version. Fields may be added; a reader passes over those it
does not know. A `snapshot` tells the present state again, with its present version, when somebody rebuilds a view
(`python -m shared.rebuild <subscriber> <aggregate>`).
"""


def events_page() -> str:
    listeners = listeners_by_subject()
    return "\n".join([HEAD, *(section(publisher, listeners) for publisher in PUBLISHERS), rebuild_section()])


def listeners_by_subject() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for service in PUBLISHERS:
        subscriptions: Subscriptions = importlib.import_module(f"services.{service}_svc.subscribers").subscriptions
        for subject in subscriptions.subjects:
            found.setdefault(subject, []).append(service)
    return found


def section(publisher: str, listeners: dict[str, list[str]]) -> str:
    module = importlib.import_module(f"shared.events.{publisher}")
    states = [kind for kind in vars(module).values() if is_state(kind)]
    return "\n".join([f"## {publisher}", "", *(aggregate(state, listeners) for state in states)])


def is_state(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Event) and kind is not Event and "subject" not in vars(kind)


def aggregate(state: type[Event], listeners: dict[str, list[str]]) -> str:
    about = [f"{state.__doc__.strip()}\n"] if state.__doc__ != Event.__doc__ and state.__doc__ else []
    facts = [fact_line(fact, listeners) for fact in state.__subclasses__()]
    head = ["| field | type |", "|---|---|"]
    fields = [f"| `{name}` | {word_of(spec)} |" for name, spec in fields_of(state)]
    return "\n".join([f"### {state.__name__.removesuffix('State')}\n", *about, *facts, "", *head, *fields, ""])


def fact_line(fact: type[Event], listeners: dict[str, list[str]]) -> str:
    heard = ", ".join(listeners.get(fact.subject, [])) or "nobody yet"
    return f"- `{fact.subject}` (heard by {heard})"


def fields_of(state: type[Event]) -> Iterable[tuple[str, dict[str, Any]]]:
    properties: dict[str, dict[str, Any]] = state.model_json_schema(mode="serialization")["properties"]
    return properties.items()


def word_of(spec: dict[str, Any]) -> str:
    return " or ".join(words(spec))


def words(spec: dict[str, Any]) -> Iterator[str]:
    if "$ref" in spec:
        yield spec["$ref"].rsplit("/", 1)[-1]
    elif "anyOf" in spec:
        for choice in spec["anyOf"]:
            yield from words(choice)
    elif spec.get("type") == "array":
        yield f"list of {word_of(spec.get('items', {}))}"
    else:
        yield {"uuid": "id", "date": "date", "date-time": "instant"}.get(
            spec.get("format", ""), spec.get("type", "any")
        )


def rebuild_section() -> str:
    lines = [f"- `{fact.subject}`: sent by {service}" for service, fact in BY_SUBSCRIBER.items()]
    return "\n".join(["## Asking for snapshots", "", *lines, ""])
