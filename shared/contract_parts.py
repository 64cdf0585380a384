"""Says once what an OpenAPI document would say hundreds of times: headers, refusals, long lists of codes become components."""

from typing import Any

from shared.types import COUNTRIES, CURRENCIES

ENUMERATIONS = {"Country": sorted(COUNTRIES), "Currency": sorted(CURRENCIES)}
Document = dict[str, Any]


def gather(document: Document) -> None:
    """In place: what stands inline in the operations goes to `components`, and a reference stays."""
    components = document["components"]
    for item in document["paths"].values():
        for operation in item.values():
            operation["parameters"] = [gathered(components, "parameters", one) for one in operation["parameters"]]
            for code, answer in operation["responses"].items():
                headers = answer.get("headers", {})
                answer["headers"] = {name: put(components, "headers", name, one) for name, one in headers.items()}
                if int(code) >= 400:
                    operation["responses"][code] = put(components, "responses", f"Problem{code}", answer)
    name_enumerations(document, components["schemas"])


def gathered(components: Document, kind: str, parameter: Document) -> Document:
    """Header parameters only: the others belong to their operation. One that is required is another."""
    if parameter["in"] != "header":
        return parameter
    name = parameter["name"] if not parameter["required"] else f"Required-{parameter['name']}"
    return put(components, kind, name, parameter)


def put(components: Document, kind: str, name: str, part: Document) -> Document:
    """A reference to `part` under `name`, or under the next free one where that says something else."""
    there = components.setdefault(kind, {})
    if there.setdefault(name, part) != part:
        return put(components, kind, f"{name}-other", part)
    return {"$ref": f"#/components/{kind}/{name}"}


def name_enumerations(part: Any, schemas: Document) -> None:
    for inner in list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else ():
        name_enumerations(inner, schemas)
    values = part.get("enum") if isinstance(part, dict) else None
    for name, codes in ENUMERATIONS.items():
        if values == codes and part is not schemas.get(name):
            schemas[name] = {"type": "string", "enum": codes}
            for said in ("enum", "type", "pattern"):
                part.pop(said, None)
            part["$ref"] = f"#/components/schemas/{name}"
