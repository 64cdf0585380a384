from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import System
from tests.permissions.actors import Admin
from tests.permissions.registry_scene import Scene, a_registry


@pytest.fixture(scope="session")
def admin(system: System) -> Iterator[Admin]:
    with httpx.Client(timeout=60) as http:
        yield Admin(system, http)


@pytest.fixture(scope="session")
def registry(admin: Admin) -> Scene:
    return a_registry(admin)
