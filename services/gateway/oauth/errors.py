"""Errors of `/oauth/*`: as RFC 6749 has them, not as problem documents."""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
BASIC = {"WWW-Authenticate": 'Basic realm="score", charset="UTF-8"'}


class OAuthError(Exception):
    """A code of RFC 6749 5.2 and a sentence for people."""

    def __init__(
        self, code: str, description: str, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.body = {"error": code, "error_description": description}
        self.status, self.headers = status, {**NO_STORE, **(headers or {})}

    def response(self) -> Response:
        return JSONResponse(self.body, self.status, self.headers)


class InvalidClient(OAuthError):
    """`challenged`: it came, or should have come, with HTTP Basic."""

    def __init__(self, description: str, challenged: bool = False) -> None:
        super().__init__("invalid_client", description, 401, BASIC if challenged else None)


class Busy(OAuthError):
    def __init__(self, description: str, retry_after: int, status: int = 503) -> None:
        super().__init__("temporarily_unavailable", description, status, {"Retry-After": str(retry_after)})
