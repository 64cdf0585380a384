from typing import Any

import pytest

from tests import builders
from tests.conftest import Api

Document = dict[str, Any]


@pytest.fixture
async def buyer(api: Api) -> Document:
    return await api.make("/v1/organisations", builders.organisation())


@pytest.fixture
async def enterprise(api: Api) -> Document:
    return await api.make("/v1/enterprises", builders.enterprise())


@pytest.fixture
async def programme(api: Api) -> Document:
    return await api.make("/v1/programmes", builders.programme())


@pytest.fixture
async def partnership(api: Api) -> Document:
    return await api.make("/v1/partnerships", builders.partnership())
