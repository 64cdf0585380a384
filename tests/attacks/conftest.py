import pytest

from tests.attacks.scene import Scene, two_sides
from tests.permissions.actors import Admin
from tests.permissions.conftest import admin

__all__ = ["admin"]


@pytest.fixture(scope="session")
def scene(admin: Admin) -> Scene:
    return two_sides(admin)
