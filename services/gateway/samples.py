"""What a schema looks like to people: a word for it, and a value that has its shape."""

from typing import Any

Schema = dict[str, Any]
DEEPEST = 9
MANY = 12  # as many values of an enumeration as are worth reading
OF_FORMAT = {
    "uuid": "019a5c3e-7f00-7000-8000-000000000000",
    "date-time": "2012-03-31T09:00:00Z",
    "date": "2012-03-31",
    "uri": "https://example.org",
    "binary": "…",
}
OF_TYPE: Schema = {"string": "text", "integer": 1, "number": 1, "boolean": True, "null": None}


def named(schema: Schema, document: Schema) -> Schema:
    """The schema, parameter or answer a `$ref` stands for."""
    if "$ref" not in schema:
        return schema
    *_, kind, name = schema["$ref"].split("/")
    found: Schema = document["components"].get(kind, {}).get(name, {})
    return found


def choices(schema: Schema) -> list[Schema]:
    """The alternatives of a schema, null left out."""
    found: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or []
    return [one for one in found if one.get("type") != "null"]


def sample(schema: Schema, document: Schema, depth: int = 0) -> Any:
    """A value of this shape; the schema's own example if it has one."""
    if schema.get("examples"):
        return schema["examples"][0]
    for given in ("example", "const", "default"):
        if schema.get(given) not in (None, []):
            return schema[given]
    if "$ref" in schema:
        return sample(named(schema, document), document, depth + 1) if depth < DEEPEST else {}
    if alternatives := choices(schema):
        return sample(alternatives[0], document, depth)
    if schema.get("enum"):
        return schema["enum"][0]
    return sample_of_type(schema, document, depth)


def sample_of_type(schema: Schema, document: Schema, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "")
    if kind == "object" and depth < DEEPEST:
        return {name: sample(field, document, depth + 1) for name, field in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema["items"], document, depth + 1)] if "items" in schema and depth < DEEPEST else []
    return OF_FORMAT.get(schema.get("format", ""), OF_TYPE.get(kind, {}))


def schema_word(schema: Schema, document: Schema) -> str:
    """`date`, `list of uuid`, `active | closed`, or the name of an object."""
    if "$ref" in schema:
        target = named(schema, document)
        return schema_word(target, document) if "properties" not in target else schema["$ref"].rpartition("/")[2]
    if alternatives := choices(schema):
        return " or ".join(dict.fromkeys(schema_word(one, document) for one in alternatives))
    if "enum" in schema:
        shown, more = schema["enum"][:MANY], len(schema["enum"]) - MANY
        return " | ".join(map(str, shown)) + (f" | … ({more} more)" if more > 0 else "")
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {schema_word(schema.get('items', {}), document)}"
    return str(schema.get("format") or schema.get("type") or "anything")
