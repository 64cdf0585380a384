"""A home whose name has spaces, and a system that `make up` started in it; each one for a module."""

from collections.abc import Iterator

import pytest

from tests.local.running import MAKE_UP, Place, Running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("a home") / "with two spaces")


@pytest.fixture(scope="module")
def running(place: Place) -> Iterator[Running]:
    with place.started(MAKE_UP) as running:
        yield running
