"""`python -m tests.shared.door.process`: the toys as a process of its own, which a test may kill.

With `CRASHING=1` it kills itself with -9 before the first statement of a request; started again by itself, before the second; and
so on through the commit and the moment after it. It forks, so that only the first start costs its time.
"""

import os
import signal
from itertools import count
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from shared.context import current
from shared.serve import serve
from shared.settings import ServiceSettings
from tests.shared.door.toys import create_app


def crash_at(point: int) -> None:
    left = point

    def pass_by(*_: Any) -> None:
        nonlocal left
        if current().subject:  # only a request has one; the loops go on
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", pass_by)
    event.listen(Engine, "commit", pass_by)
    event.listen(Session, "after_commit", pass_by)


def run() -> None:
    settings = ServiceSettings.read("enterprise")
    serve(create_app(settings), settings)


def run_and_crash() -> None:
    for point in count(1):
        child = os.fork()
        if child == 0:
            crash_at(point)
            run()
        os.waitpid(child, 0)


if __name__ == "__main__":
    if os.environ.get("CRASHING"):
        run_and_crash()
    run()
