from tests.gateway.conftest import credentials, world

__all__ = ["credentials", "world"]
