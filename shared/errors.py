"""Problem documents (RFC 9457): every refusal of the API is one, and none repeats what was sent.

A fact that can go wrong is a subclass of `Problem`; its class attributes fill the catalogue from which
`/problems/<code>` pages and the OpenAPI document are made.

    class BaselineMissing(Problem):
        code, status, title = "baseline-missing", 409, "A baseline day is missing"
        explanation = "M1 starts when each enterprise of the cycle has its `baseline_on`. Name the day and try again."
"""

import re
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any, ClassVar

from pydantic import BaseModel
from starlette.exceptions import HTTPException

CATALOGUE: dict[str, type["Problem"]] = {}
MEDIA_TYPE = "application/problem+json"


class Place(BaseModel):
    """Where the input is wrong: exactly one of pointer (RFC 6901, body), parameter (query) or header."""

    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    code: str
    detail: str

    def document(self) -> dict[str, str]:
        return self.model_dump(exclude_none=True)


class ProblemDocument(BaseModel):
    """The shape of every error answer."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[Place] = []
    # members some problems add
    candidates: list[dict[str, Any]] | None = None
    state: str | None = None
    allowed_actions: list[str] | None = None


class Problem(HTTPException):
    """Base of every refusal. HTTPException, so that FastAPI lets it pass from any depth."""

    code: ClassVar[str] = ""
    status: ClassVar[int] = 500
    title: ClassVar[str] = ""
    explanation: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        CATALOGUE[cls.code] = cls

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Iterable[Place] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(self.status, detail or self.explanation, dict(headers or {}))
        self.errors = list(errors)
        self.members = members

    def document(self, request_id: str) -> dict[str, Any]:
        document = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
            **self.members,
        }
        return document | ({"errors": [place.document() for place in self.errors]} if self.errors else {})


NAME = re.compile(r"[A-Za-z0-9_.:-]{1,60}")


def pointer(code: str, detail: str, *path: str | int) -> Place:
    """A place in the body: `pointer("out_of_range", "…", "workforce", "total")` is `/workforce/total`.

    A name that was made up by whoever sent it is answered back only if it looks like one; else the place is what holds it.
    """
    named = takewhile(lambda part: NAME.fullmatch(str(part)), path)
    return Place(pointer="".join(f"/{part}" for part in named), code=code, detail=detail)


def parameter(code: str, detail: str, name: str) -> Place:
    return Place(parameter=name, code=code, detail=detail)


def header(code: str, detail: str, name: str) -> Place:
    return Place(header=name, code=code, detail=detail)


# --- 400: cannot be parsed -------------------------------------------------------------------------------------


class MalformedJson(Problem):
    code, status, title = "malformed-json", 400, "The body is not JSON"
    explanation = "The body must be one JSON value in UTF-8, without a byte order mark, without NaN or Infinity."


class TooDeep(Problem):
    code, status, title = "too-deep", 400, "The JSON is nested too deeply"
    explanation = "Objects and arrays may be nested at most 64 deep."


class MalformedQuery(Problem):
    code, status, title = "malformed-query", 400, "The query cannot be decoded"
    explanation = "The part of the address after `?` must be percent-encoded UTF-8."


class MalformedHeader(Problem):
    code, status, title = "malformed-header", 400, "A header cannot be read"
    explanation = "The header named in `errors` does not follow its format."


class MalformedRequest(Problem):
    code, status, title = "malformed-request", 400, "The request cannot be read"
    explanation = "The request does not follow HTTP: for instance it has no `Host`, or two."


class DigestMismatch(Problem):
    code, status, title = "digest-mismatch", 400, "The file did not arrive whole"
    explanation = "The body does not have the digest that `Content-Digest` promises. Send it again."


# --- 401, 403, 404, 405, 406, 408, 409 -------------------------------------------------------------------------


class Unauthorized(Problem):
    code, status, title = "unauthorized", 401, "A valid token is needed"
    explanation = "Fetch a token from `/oauth/token` and send it as `Authorization: Bearer …`."

    def __init__(self, detail: str = "", *, error: str = "") -> None:
        # at least one parameter must follow the scheme (RFC 6750)
        challenge = f'Bearer realm="score", error="{error}"' if error else 'Bearer realm="score"'
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class InsufficientScope(Problem):
    code, status, title = "insufficient-scope", 403, "Your token does not allow this"
    explanation = "The token lacks the scope this operation wants. Ask the programme for it."

    def __init__(self, scope: str = "") -> None:
        challenge = f'Bearer realm="score", error="insufficient_scope", scope="{scope}"'
        super().__init__(
            f"This operation wants the scope {scope}." if scope else "", headers={"WWW-Authenticate": challenge}
        )


class Forbidden(Problem):
    code, status, title = "forbidden", 403, "Your role may not do this"
    explanation = "The role of your client does not include this operation."


class NotFound(Problem):
    code, status, title = "not-found", 404, "There is nothing here for you"
    explanation = "Nothing is at this address, or nothing that you may see."


class MethodNotAllowed(Problem):
    code, status, title = "method-not-allowed", 405, "This method is not offered here"
    explanation = "The `Allow` header lists the methods that are."


class NotAcceptable(Problem):
    code, status, title = "not-acceptable", 406, "No representation that you accept"
    explanation = "`detail` names the media types this address answers; send one of them as `Accept`."


class RequestTimeout(Problem):
    code, status, title = "request-timeout", 408, "The request did not arrive in time"
    explanation = "The body stopped arriving. Send the request again."


class WrongState(Problem):
    code, status, title = "wrong-state", 409, "Not possible in this state"
    explanation = "The resource is in a state in which this verb makes no sense; `allowed_actions` lists those that do."

    def __init__(self, state: str, allowed_actions: Iterable[str], errors: Iterable[Place] = ()) -> None:
        """`errors`: where the body names what is in that state, if it is not the resource itself."""
        allowed = list(allowed_actions)
        possible = f"possible now: {', '.join(allowed)}" if allowed else "nothing is possible any more"
        super().__init__(f"It is in state {state}; {possible}.", errors=errors, state=state, allowed_actions=allowed)


class AlreadyExists(Problem):
    code, status, title = "already-exists", 409, "This is already there"
    explanation = "A resource with the same unique key exists; `Location` names it, if you may see it."

    def __init__(self, location: str | None, detail: str = "", errors: Iterable[Place] = ()) -> None:
        super().__init__(detail, errors=errors, headers={"Location": location} if location else None)


class IdempotencyInProgress(Problem):
    code, status, title = "idempotency-in-progress", 409, "The first request with this key is still running"
    explanation = "A request with the same `Idempotency-Key` has not finished. Ask again in a second."


class SecretAlreadyShown(Problem):
    code, status, title = "secret-already-shown", 409, "The secret was shown once"
    explanation = (
        "The first answer carried a secret, which is not kept. `Location` names the resource; rotate its secret."
    )


class PersonErased(Problem):
    code, status, title = "person-erased", 409, "The person was erased"
    explanation = "What the first answer said of a person is not kept any more, and the request is not done again."


# --- 412 to 431 ------------------------------------------------------------------------------------------------


class PreconditionFailed(Problem):
    code, status, title = "precondition-failed", 412, "It has changed meanwhile"
    explanation = "The `If-Match` you sent is not the present version. Read it again, then decide."


class PreconditionRequired(Problem):
    code, status, title = "precondition-required", 428, "Say which version you are changing"
    explanation = "Send the `ETag` of the version you read as `If-Match`."


class PayloadTooLarge(Problem):
    code, status, title = "payload-too-large", 413, "The body is too large"
    explanation = "JSON bodies may be 1 MiB; files as large as docs/operations.md says."


class UriTooLong(Problem):
    code, status, title = "uri-too-long", 414, "The address is too long"
    explanation = "An address may have 8,192 bytes."


class UnsupportedMediaType(Problem):
    code, status, title = "unsupported-media-type", 415, "This media type is not taken here"
    explanation = "`Accept-Post` or `Accept-Patch` lists the media types that are."


class RangeNotSatisfiable(Problem):
    code, status, title = "range-not-satisfiable", 416, "Ranges are not offered"
    explanation = "Ask for the whole."


class ValidationFailed(Problem):
    code, status, title = "validation-failed", 422, "Something in the request is not right"
    explanation = "Each entry of `errors` names a place and what is wrong there."


class UnknownReference(Problem):
    code, status, title = "unknown-reference", 422, "It refers to something that is not there"
    explanation = "An id in the request names nothing that you may see. `errors` names the place."


class IdempotencyKeyReused(Problem):
    code, status, title = "idempotency-key-reused", 422, "This key was used for another request"
    explanation = "The same `Idempotency-Key` came with another body. Use a new key for a new request."


class HeaderTooLarge(Problem):
    code, status, title = "header-too-large", 431, "The headers are too large"
    explanation = "At most 100 headers and 32 KiB of them."


class TooManyRequests(Problem):
    code, status, title = "too-many-requests", 429, "Too many requests"
    explanation = "Wait as long as `Retry-After` says."


# --- 5xx -------------------------------------------------------------------------------------------------------


class InternalError(Problem):
    code, status, title = "internal-error", 500, "Something went wrong here"
    explanation = "It is our fault and was logged under the request id."


class ServiceUnavailable(Problem):
    code, status, title = "service-unavailable", 503, "A part of the system is not available"
    explanation = "Nothing was changed. Try again after the seconds in `Retry-After`."

    def __init__(self, detail: str = "", retry_after: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class NotCaughtUp(Problem):
    code, status, title = "not-caught-up", 503, "What you wrote has not arrived here yet"
    explanation = "The `Consistency-Token` covers a write that this part has not received. Try again in a moment."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class GatewayTimeout(Problem):
    code, status, title = "gateway-timeout", 504, "A part of the system was too slow"
    explanation = "It may or may not have been done. Repeat with the same `Idempotency-Key`."
