"""The field rule: what a role is not told of a resource is not in its answer at all.

ENTERPRISE = Forms(EnterpriseOut, {Role.BUYER: EnterpriseSeen})

@router.get("/{enterprise_id}", response_model=ENTERPRISE.any)
... found(ENTERPRISE.form().model_validate(enterprise))
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from shared.context import current
from shared.types import Resource


@dataclass(frozen=True)
class Forms:
    """`whole` is answered to all roles but those of `narrower`."""

    whole: type[Resource]
    narrower: Mapping[str, type[Resource]]

    @property
    def any(self) -> Any:
        """For the contract: one of them."""
        return reduce(or_, dict.fromkeys([self.whole, *self.narrower.values()]))

    @property
    def is_whole(self) -> bool:
        """Whether whoever asks is told everything."""
        return self.form() is self.whole

    def form(self) -> type[Resource]:
        """The form for whoever asks."""
        return self.narrower.get(current().who.role, self.whole)
