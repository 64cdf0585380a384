"""What a refusal says, in short."""

import httpx


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def places_in(answer: httpx.Response) -> set[tuple[str, str]]:
    """(pointer or parameter, code) of each entry of `errors`."""
    return {(place.get("pointer") or place["parameter"], place["code"]) for place in answer.json()["errors"]}
