"""Days from the first to the last, both included."""

from datetime import date

from pydantic import ValidationInfo

from shared.types import refuse


class NotBefore:
    """Validator of a period's last day; `begin` is the field of its first, declared before it, `called` its name in the API."""

    def __init__(self, begin: str, called: str | None = None) -> None:
        self.begin, self.called = begin, called or begin

    def __call__(self, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get(self.begin)
        if first is not None and last is not None and last < first:
            raise refuse("before_begin", f"{info.field_name} ({last}) is before {self.called} ({first}).")
        return last
