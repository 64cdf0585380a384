"""JSON Merge Patch (RFC 7396): what is sent replaces, null removes, the result is validated as a whole."""

from collections.abc import Iterable
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from shared import errors

Model = TypeVar("Model", bound=BaseModel)


def merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


class Patch:
    """The patch of a request, applied by the command to the present state."""

    def __init__(self, changes: dict[str, Any]) -> None:
        self.changes = changes

    def onto(self, present: Model, fixed: Iterable[str] = ()) -> Model:
        """`present` with the changes; 422 when the result as a whole is not allowed, or changes what is `fixed` for ever."""
        state = present.model_dump(mode="json", exclude_none=True)
        try:
            result = type(present).model_validate(merged(state, self.changes))
        except ValidationError as error:
            places = [{**found, "loc": ("body", *found["loc"])} for found in error.errors(include_input=False)]
            raise RequestValidationError(places) from error
        if moved := [name for name in fixed if getattr(result, name) != getattr(present, name)]:
            raise errors.ValidationFailed(
                errors=[errors.pointer("read_only", "This stays as it is.", name) for name in moved]
            )
        return result
