"""A system of its own for each module here: its processes are killed."""

from collections.abc import Iterator

import pytest

from tests.conftest import System, start_system, stop_system


@pytest.fixture(scope="module")
def doomed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system, process = start_system(tmp_path_factory.mktemp("doomed"))
    yield system
    stop_system(process)
