import pytest

from tests import builders
from tests.conftest import Api


@pytest.fixture
async def enterprise_id(api: Api) -> str:
    return str((await api.make("/v1/enterprises", builders.enterprise()))["id"])
