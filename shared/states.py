"""Resources with states: which verbs make sense in which state, and the refusal of the others."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from shared.context import current
from shared.errors import WrongState
from shared.permissions.matrix import may_do
from shared.permissions.who import SYSTEM


class Stateful:
    """`verbs`: each verb with the states it may be said in; `state` is the present one, unless `present_state` says otherwise.

    class Partnership(Base, ResourceColumns, Stateful, table=True):
        verbs: ClassVar = {"sign": {State.DRAFT}, "activate": {State.SIGNED}}
    """

    verbs: ClassVar[Mapping[str, Collection[str]]]
    operations: ClassVar[Mapping[str, str]] = {}  # the verbs whose operation is not called `<verb>_<resource>`
    if TYPE_CHECKING:
        state: Any  # a column of the class; what is annotated here would become one

    @property
    def present_state(self) -> str:
        return self.state  # type: ignore[no-any-return]

    @property
    def possible_actions(self) -> list[str]:
        present = self.present_state
        return [verb for verb, states in self.verbs.items() if present in states]

    @property
    def allowed_actions(self) -> list[str]:
        """Of the possible ones those that whoever asks may do."""
        kind: Any = type(self)
        return list(may_be_said(kind, tuple(self.possible_actions), current().who.role))

    @classmethod
    def operation_of(cls, verb: str) -> str:
        resource = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        return cls.operations.get(verb, f"{verb.replace('-', '_')}_{resource}")

    def demand(self, verb: str) -> None:
        """409 `wrong-state` unless `verb` makes sense now."""
        if verb not in self.possible_actions:
            raise WrongState(self.present_state, self.allowed_actions)


@cache
def may_be_said(resource: Any, verbs: tuple[str, ...], role: str) -> tuple[str, ...]:
    """As many answers as there are states and roles; a page asks for one a row."""
    return tuple(verb for verb in verbs if role == SYSTEM or may_do(role, resource.operation_of(verb), reads=False))
