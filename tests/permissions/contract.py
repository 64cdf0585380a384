"""What the API offers, read from its own document: the tests of permissions are generated from it and from the matrix."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from deploy.docs.openapi import PUBLIC_URL
from deploy.docs.openapi import merged as merged_anew

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Offered:
    """One operation as the document tells it."""

    name: str
    method: str
    path: str
    scope: str
    collection: str

    @property
    def reads(self) -> bool:
        return self.method == "GET"

    @property
    def is_list(self) -> bool:
        return self.reads and self.name.startswith("list_")

    @property
    def names_one(self) -> bool:
        """Whether its path names a resource."""
        return "{" in self.path


@cache
def merged(public_url: str) -> dict[str, Any]:
    """It takes a second to make."""
    return merged_anew(public_url)


@cache
def offered() -> dict[str, Offered]:
    return {one.name: one for one in operations_of(merged(PUBLIC_URL)["paths"])}


def operations_of(paths: dict[str, Any]) -> Iterator[Offered]:
    for path, item in paths.items():
        for method, operation in item.items():
            if method in METHODS and path.startswith("/v1/"):
                yield offered_by(path, method, operation)


def offered_by(path: str, method: str, operation: dict[str, Any]) -> Offered:
    scopes = [scope for way in operation["security"] for scope in way["score"]]
    return Offered(operation["operationId"], method.upper(), path, "".join(scopes), operation["tags"][0])


def reads_of_the_document() -> Iterator[dict[str, Any]]:
    """Every `GET` of one resource."""
    for path, item in merged(PUBLIC_URL)["paths"].items():
        if "get" in item and path.startswith("/v1/") and path.endswith("}"):
            yield item["get"]


def answered(operation: dict[str, Any]) -> dict[str, Any]:
    """The schema of the answer."""
    schema: dict[str, Any] = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return schema


def parameters_of(one: Offered) -> set[str]:
    """The names its query takes."""
    said = merged(PUBLIC_URL)["paths"][one.path][one.method.lower()]["parameters"]
    return {parameter["name"] for parameter in said if parameter.get("in") == "query"}


def media_types_of(one: Offered) -> set[str]:
    """The forms its answer may have."""
    return set(merged(PUBLIC_URL)["paths"][one.path][one.method.lower()]["responses"]["200"]["content"])
