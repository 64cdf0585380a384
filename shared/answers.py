"""What routes return: a resource with its ETag, a page with its Link, or nothing."""

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import BaseModel
from starlette.responses import Response

from shared.conditions import etag


class JsonAnswer(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        if isinstance(content, bytes):
            return content
        if isinstance(content, BaseModel):
            return json_of(content)
        return orjson.dumps(content)


class ResourceAnswer(JsonAnswer):
    """A whole resource; the route adds `Location` to a 201."""

    def __init__(
        self, resource: BaseModel, status: int = 200, *, location: str | None = None, shows_secret: bool = False
    ) -> None:
        super().__init__(resource, status)
        self.told: Sequence[BaseModel] = [resource]
        self.shows_secret = shows_secret
        self.resource_id = getattr(resource, "id", None)
        if version := getattr(resource, "version", None):
            self.headers["ETag"] = etag(version, None if getattr(resource, "is_whole", True) else bytes(self.body))
        if location:
            self.headers["Location"] = location


def created(resource: BaseModel, location: str | None = None, shows_secret: bool = False) -> ResourceAnswer:
    """201 with the whole resource; `location` only when it is not `<collection>/<id>`."""
    return ResourceAnswer(resource, 201, location=location, shows_secret=shows_secret)


def found(resource: BaseModel) -> ResourceAnswer:
    """200 with the whole resource: an answer to GET, PATCH, PUT or a verb."""
    return ResourceAnswer(resource)


def computed(figures: BaseModel) -> ResourceAnswer:
    """200 with what was computed for this request. Its tag is weak: the same figures are the same answer, though one was asked
    for later (`fresh_as_of`)."""
    answer = ResourceAnswer(figures)
    said = figures.model_dump_json(exclude={"fresh_as_of"})
    answer.headers["ETag"] = f'W/"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'
    return answer


def gone() -> Response:
    """204: deleted."""
    return Response(status_code=204)


class PageAnswer(JsonAnswer):
    def __init__(
        self, items: Sequence[BaseModel], next_cursor: str | None, total: int | None, link: str | None
    ) -> None:
        super().__init__(page_json(items, {"next_cursor": next_cursor} | ({} if total is None else {"total": total})))
        self.told: Sequence[BaseModel] = items
        if link:
            self.headers["Link"] = link


def page_json(items: Sequence[BaseModel], end: dict[str, Any]) -> bytes:
    """Each item is written once, as it is: no dictionaries in between."""
    return b'{"items":[%b],%b' % (b",".join(map(json_of, items)), orjson.dumps(end)[1:])


def json_of(answer: BaseModel) -> bytes:
    """As `model_dump_json` writes it, which would make a text of it first."""
    return answer.__pydantic_serializer__.to_json(answer)
