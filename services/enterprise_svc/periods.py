"""Days from the first to the last, both included."""

from datetime import date

from pydantic import ValidationInfo

from shared.types import refuse


class NotBefore:
    """Validator of a period's last day; `begin` is the field of its first, declared before it."""

    def __init__(self, begin: str) -> None:
        self.begin = begin

    def __call__(self, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get(self.begin)
        if first is not None and last is not None and last < first:
            raise refuse("before_begin", f"{info.field_name} ({last}) is before {self.begin} ({first}).")
        return last
