"""`python -m tests.shared.door.process`: the toys as a process of its own, which a test may kill.

`CRASH_AT=n`: it kills itself with -9 before its n-th statement within a POST, `COMMIT` counting as one.
"""

import os
import signal
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from shared.context import current
from shared.serve import serve
from shared.settings import ServiceSettings
from tests.shared.door.toys import create_app


def crash_at(n: int) -> None:
    left = n

    def count(*_: Any) -> None:
        nonlocal left
        if current().subject:  # only a request has one; the loops go on
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


if __name__ == "__main__":
    if point := int(os.environ.get("CRASH_AT", "0")):
        crash_at(point)
    settings = ServiceSettings.read("enterprise")
    serve(create_app(settings), settings)
