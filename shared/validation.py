"""From what pydantic found wrong to places a caller can find; nothing that was sent is repeated."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic_core.core_schema import ErrorType

from shared import errors

READ_ONLY = {"id", "version", "created_at", "updated_at", "state", "status"}
# pydantic's texts for these repeat no input; all others are replaced by a sentence of ours
CODES = {
    "missing": ("missing", "This is required."),
    "extra_forbidden": ("extra_forbidden", "There is no such field."),
    "string_type": ("wrong_type", "This must be a text."),
    "string_pattern_mismatch": ("wrong_format", "This text does not have the required form."),
    "int_type": ("wrong_type", "This must be a whole number."),
    "bool_type": ("wrong_type", "This must be true or false; in a CSV file, yes or no."),
    "list_type": ("wrong_type", "This must be a list."),
    "tuple_type": ("wrong_type", "This must be a list."),
    "dict_type": ("wrong_type", "This must be an object."),
    "model_type": ("wrong_type", "This must be an object."),
    "model_attributes_type": ("wrong_type", "This must be an object."),
    "none_required": ("wrong_type", "This must be left out or null."),
}
RANGE_TYPES = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
LENGTH_TYPES = {
    "string_too_short": ("too_short", "This text needs {min_length} or more characters."),
    "string_too_long": ("too_long", "A text may have at most {max_length} characters."),
    "too_short": ("too_short", "At least {min_length} are needed here."),
    "too_long": ("too_long", "At most {max_length} may be given here."),
}
CHOICE_TYPES = {"literal_error", "enum"}
PYDANTIC_TYPES = frozenset(get_args(ErrorType))
# codes pydantic makes that have no sentence above
UNNAMED = ("wrong_value", "This value is not allowed here.")


def problem_of(found: Iterable[Mapping[str, Any]]) -> errors.Problem:
    """404 when a path does not fit, else 422 with a place for each finding."""
    findings = list(found)
    if any(finding["loc"] and finding["loc"][0] == "path" for finding in findings):
        return errors.NotFound()
    return errors.ValidationFailed(errors=[place_of(finding) for finding in findings[:100]])


def place_of(finding: Mapping[str, Any]) -> errors.Place:
    code, detail = sentence_of(finding)
    where, *path = finding["loc"] or ("body",)
    if where == "query":
        return errors.parameter(code, detail, str(path[0]) if path else "")
    if where == "header":
        return errors.header(code, detail, str(path[0]))
    return errors.pointer(code, detail, *(path if where == "body" else finding["loc"]))


def sentence_of(finding: Mapping[str, Any]) -> tuple[str, str]:
    kind, context = finding["type"], finding.get("ctx") or {}
    if kind == "extra_forbidden" and finding["loc"][-1] in READ_ONLY:
        return "read_only", "This is answered only; it can't be sent."
    if kind in RANGE_TYPES:
        bound = next(iter(context.values()), "")
        words = kind.replace("_than_equal", "_than_or_equal_to").replace("_", " ")
        return "out_of_range", f"The number must be {words} {bound}."
    if kind in LENGTH_TYPES:  # one of our own says its bound itself
        return length_sentence(kind, context) if context else (kind, finding["msg"])
    if kind in CHOICE_TYPES:
        return "not_one_of", f"This must be one of: {context.get('expected', '')}."
    if kind in CODES:
        return CODES[kind]
    # our own errors (types.refuse) carry a code and a sentence that repeats nothing; pydantic's own may
    pydantic_s = kind in PYDANTIC_TYPES - LENGTH_TYPES.keys()
    return UNNAMED if pydantic_s else (kind, finding["msg"])


def length_sentence(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    code, sentence = LENGTH_TYPES[kind]
    return code, sentence.format_map(context)
