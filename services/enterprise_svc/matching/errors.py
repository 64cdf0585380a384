from collections.abc import Sequence
from typing import Any

from shared.errors import Problem


class PossibleDuplicate(Problem):
    code, status, title = "possible-duplicate", 409, "It looks like one that is there already"
    explanation = (
        "`candidates` are the enterprises it may be, with a score and reasons. If it is none of them, send it again with "
        "`?allow_duplicate=true`."
    )

    def __init__(self, candidates: Sequence[dict[str, Any]]) -> None:
        super().__init__(candidates=list(candidates))
