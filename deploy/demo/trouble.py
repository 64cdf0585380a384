"""What went wrong, in a sentence a reader can act on."""

from typing import Any

import httpx


class DemoFailed(Exception):
    """The demo can't go on; its text says why."""


def explain(doing: str, answer: httpx.Response) -> DemoFailed:
    """`doing`: what was tried, for instance `POST /v1/cycles`. Repeats the problem's own words and places."""
    problem = problem_of(answer)
    said = problem.get("detail") or problem.get("error_description") or problem.get("error") or answer.reason_phrase
    request_id = problem.get("request_id")
    lines = [f"{doing} was answered {answer.status_code}: {said}", *map(place_line, problem.get("errors", []))]
    return DemoFailed("\n".join(lines + ([f"  (request {request_id})"] if request_id else [])))


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def place_line(place: dict[str, Any]) -> str:
    where = place.get("pointer") or place.get("parameter") or place.get("header") or "the body"
    return f"  at {where}: {place.get('detail', place.get('code'))}"


def row_line(error: dict[str, Any]) -> str:
    """One entry of an import's list of errors."""
    column = f", column {error['column']}" if error.get("column") else ""
    value = f" (it says {error['value']!r})" if error.get("value") is not None else ""
    return f"  row {error['row']}{column}: {error['detail']}{value}"
