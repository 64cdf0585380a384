"""Resources with states: which verbs make sense in which state, and the refusal of the others."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from shared.errors import WrongState


class Stateful:
    """`verbs`: each verb with the states it may be said in; `state` is the present one.

    class Partnership(Base, ResourceColumns, Stateful, table=True):
        verbs: ClassVar = {"sign": {State.DRAFT}, "activate": {State.SIGNED}}
    """

    verbs: ClassVar[Mapping[str, Collection[str]]]
    state: Any

    @property
    def allowed_actions(self) -> list[str]:
        return [verb for verb, states in self.verbs.items() if self.state in states]

    def demand(self, verb: str) -> None:
        """409 `wrong-state` unless `verb` makes sense now."""
        if verb not in self.allowed_actions:
            raise WrongState(self.state, self.allowed_actions)
