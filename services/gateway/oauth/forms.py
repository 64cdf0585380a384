"""What comes to `/oauth/*`: a form, and credentials in one of three ways."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

from services.gateway.oauth.errors import InvalidClient, OAuthError

FORM = "application/x-www-form-urlencoded"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_FIELDS = 20
Form = Mapping[str, str]


async def read_form(request: Request) -> Form:
    """The fields that have a value (RFC 6749 3.2: one without counts as left out); none may come twice."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise OAuthError("invalid_request", f"The body must be {FORM}.")
    try:
        text = (await request.body()).decode("utf-8")
        pairs = parse_qsl(text, errors="strict", max_num_fields=MAX_FIELDS) if text else []
    except ValueError as error:
        raise OAuthError("invalid_request", "The form cannot be read.") from error
    if len(dict(pairs)) != len(pairs):
        raise OAuthError("invalid_request", "A field is given twice.")
    return dict(pairs)


@dataclass(frozen=True)
class Credentials:
    """Of these, `secret` or `assertion`."""

    client_id: str
    secret: str = ""
    assertion: str = ""
    challenged: bool = False


def credentials_of(request: Request, form: Form) -> Credentials:
    """One way of authentication, not two (RFC 6749 2.3)."""
    values = request.headers.getlist("authorization")
    ways = len(values) + ("client_secret" in form) + ("client_assertion" in form or "client_assertion_type" in form)
    if ways > 1:
        raise OAuthError("invalid_request", "Authenticate in one way only.")
    if "client_secret" in form:
        return Credentials(form.get("client_id", ""), form["client_secret"])
    if "client_assertion" in form:
        return asserted(form)
    given = basic_credentials(values[0]) if values else None
    if given is None or form.get("client_id", given[0]) != given[0]:
        raise InvalidClient(
            "Authenticate with client_secret_basic, client_secret_post or private_key_jwt.", challenged=True
        )
    return Credentials(*given, challenged=True)


def asserted(form: Form) -> Credentials:
    if form.get("client_assertion_type") != JWT_BEARER:
        raise OAuthError("invalid_request", f"client_assertion_type must be {JWT_BEARER}.")
    return Credentials(form.get("client_id", ""), assertion=form["client_assertion"])


def basic_credentials(value: str) -> tuple[str, str] | None:
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    client_id, colon, secret = pair.partition(":")
    return (unquote_plus(client_id), unquote_plus(secret)) if colon else None
