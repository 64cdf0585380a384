import pytest

LEFT_BEHIND = r"<function (StreamWriter|_SelectorTransport)\.__del__|<socket\.socket fd="


def pytest_configure(config: pytest.Config) -> None:
    """nats-py leaves the half-open socket of a reconnect that failed to the garbage collector, which tells at any time later."""
    unraisable = f"ignore:Exception ignored in. ({LEFT_BEHIND}):pytest.PytestUnraisableExceptionWarning"
    config.addinivalue_line("filterwarnings", unraisable)
