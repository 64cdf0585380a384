"""What every operation says about itself in the OpenAPI document: its refusals, its pages, its merge patches."""

from collections.abc import Container, Iterable
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, create_model

from shared import errors
from shared.contract_headers import headers_given, headers_taken
from shared.contract_parts import gather
from shared.files.media import CSV, NDJSON, XLSX

SECURITY = "score"
BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A token of the gateway's"}
COMPONENTS = "#/components/schemas/"
ALWAYS = (400, 401, 403, 406, 414, 422, 429, 431, 500, 503, 504)
READING = (304,)
MERGING = "/v1/enterprises/{enterprise_id}"
WITHOUT_BODY = {304: "Not modified", 308: "It was merged into another: ask the address in `Location`"}
WRITING = (408, 409, 413, 415)
CONDITIONAL = (412, 428)


def documented_answers(methods: Iterable[str], path: str) -> dict[int | str, dict[str, Any]]:
    """Every answer an operation can give besides its success."""
    codes = set(ALWAYS)
    if "{" in path:
        codes.add(404)
    if path.startswith(MERGING):
        codes.add(308)
    if {"GET"} & set(methods):
        codes.update(READING)
    else:
        codes.update(WRITING)
    if {"PATCH", "PUT", "DELETE"} & set(methods) or ({"POST"} & set(methods) and "{" in path):
        codes.update(CONDITIONAL)
    return {code: answer_of(code) for code in sorted(codes)}


def answer_of(code: int) -> dict[str, Any]:
    if code in WITHOUT_BODY:
        return {"description": WITHOUT_BODY[code]}
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {"description": TITLES[code], "content": {errors.MEDIA_TYPE: {"schema": schema}}}


TITLES = {
    400: "The request cannot be parsed",
    401: "No valid token",
    403: "Not allowed",
    404: "Nothing here for you",
    406: "No representation that you accept",
    408: "The body did not arrive in time",
    409: "It conflicts with what is there",
    412: "It has changed meanwhile",
    413: "Too large",
    414: "The address is too long",
    415: "This media type is not taken here",
    422: "Parsed, but breaks the schema or a rule",
    428: "Send If-Match",
    429: "Too many requests",
    431: "Headers too large",
    500: "Our fault",
    503: "A part is not available",
    504: "A part was too slow",
}


def page_of(out: Any, named: str = "") -> type[BaseModel]:
    """The page of a list of `out`: `{"items": [...], "next_cursor": … , "total"?}`; `named` where `out` is several forms."""
    return create_model(
        named or f"{out.__name__.removesuffix('Out')}Page",
        items=(list[out], ...),
        next_cursor=(str | None, ...),
        total=(int, 0),
    )


def is_list(model: Any) -> bool:
    """Whether an answer of this model is a page of a list, or may be."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        return {"items", "next_cursor"} <= set(model.model_fields)
    return any(map(is_list, get_args(model)))


def patch_body(model: type[BaseModel]) -> dict[str, Any]:
    """`openapi_extra` of a PATCH: the fields of `model`, none required, null removes."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    schema.pop("required", None)
    schema["minProperties"] = 0
    content = {kind: {"schema": schema} for kind in ("application/merge-patch+json", "application/json")}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI, title: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of one service, with its problems as `x-problems`."""
    document = get_openapi(title=title, version="1", routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemDocument"] = errors.ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["ProblemDocument"].pop("$defs", None)
    schemas["Place"] = errors.Place.model_json_schema()
    for stock in ("HTTPValidationError", "ValidationError"):
        schemas.pop(stock, None)
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                complete(document["paths"][route.path_format][method.lower()], method, route)
    name_inputs(document["paths"], schemas)
    document["components"]["securitySchemes"] = {SECURITY: BEARER}
    gather(document)
    document["x-problems"] = problems()
    return document


def complete(operation: dict[str, Any], method: str, route: APIRoute) -> None:
    """What FastAPI does not know of: headers both ways, the scope, and how lists stand in a query."""
    for parameter in operation.setdefault("parameters", []):
        parameter["schema"] = schema = not_null(parameter["schema"])
        if schema.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
    operation["parameters"] += headers_taken(method, conditional=uses(route.dependant, "_match"))
    if is_list(route.response_model):
        describe_files(operation["responses"]["200"])
    for code, answer in operation["responses"].items():
        answer["headers"] = headers_given(method, int(code), route.response_model) | answer.get("headers", {})
    if (scope := getattr(route, "scope", None)) is not None:
        operation["security"] = [{SECURITY: [scope] if scope else []}]


FILES: dict[str, dict[str, Any]] = {
    CSV: {"type": "string", "description": "A row of column names, then a row for each item"},
    NDJSON: {"type": "string", "description": "An object in each line"},
    XLSX: {"type": "string", "format": "binary", "description": "A workbook; a full sheet goes on in the next"},
}


def describe_files(answer: dict[str, Any]) -> None:
    answer["description"] = (
        "A page of the list; as CSV, NDJSON or XLSX all of it, without `limit`, `cursor` and `count`"
    )
    answer["content"] |= {kind: {"schema": schema} for kind, schema in FILES.items()}


def not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is left out is not there; none can be null."""
    branches = [branch for branch in schema.get("anyOf", ()) if branch != {"type": "null"}]
    if len(branches) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**branches[0], **rest}


def uses(dependant: Dependant, ending: str) -> bool:
    """Whether an operation asks for a dependency whose name ends so."""
    inner = dependant.dependencies
    return any(getattr(one.call, "__name__", "").endswith(ending) or uses(one, ending) for one in inner)


def name_inputs(part: Any, schemas: Container[str]) -> None:
    """A merge patch refers to models by their names; one that is answered otherwise than taken stands there as `<name>-Input`."""
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        name_inputs(inner, schemas)
    reference = part.get("$ref") if isinstance(part, dict) else None
    if isinstance(reference, str) and reference.removeprefix(COMPONENTS) not in schemas:
        part["$ref"] = f"{reference}-Input"


def problems() -> dict[str, dict[str, Any]]:
    return {
        code: {"title": problem.title, "status": problem.status, "explanation": problem.explanation}
        for code, problem in sorted(errors.CATALOGUE.items())
    }
