"""Resources with states: which verbs make sense in which state, and the refusal of the others."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from shared.errors import WrongState


class Stateful:
    """`verbs`: each verb with the states it may be said in; `state` is the present one, unless `present_state` says otherwise.

    class Partnership(Base, ResourceColumns, Stateful, table=True):
        verbs: ClassVar = {"sign": {State.DRAFT}, "activate": {State.SIGNED}}
    """

    verbs: ClassVar[Mapping[str, Collection[str]]]
    if TYPE_CHECKING:
        state: Any  # a column of the class; what is annotated here would become one

    @property
    def present_state(self) -> str:
        return self.state  # type: ignore[no-any-return]

    @property
    def allowed_actions(self) -> list[str]:
        return [verb for verb, states in self.verbs.items() if self.present_state in states]

    def demand(self, verb: str) -> None:
        """409 `wrong-state` unless `verb` makes sense now."""
        if verb not in self.allowed_actions:
            raise WrongState(self.present_state, self.allowed_actions)
