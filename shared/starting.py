"""The first thing a process imports."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Nothing that is imported is garbage: it isn't looked for meanwhile, nor ever among what was imported."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
