"""What the gateway itself offers, as OpenAPI."""

from typing import Any

from services.gateway.own_api import bare_api
from shared import errors
from shared.contract import TITLES, answer_of, describe, problems

PUBLIC: dict[str, Any] = {"security": []}
TEXT = {"type": "string"}
JSON = "application/json"
REF = "#/components/schemas/{model}"
EVERYWHERE = (400, 431, 500)


def own_document() -> dict[str, Any]:
    """Paths, components and `x-problems`, like a service's document."""
    api = bare_api()
    resources = describe(api, api.title)
    components = resources["components"]
    return {
        "paths": {**resources["paths"], **PATHS},
        "components": {**components, "schemas": {**components["schemas"], **schemas()}},
        "x-problems": problems(),
    }


def schemas() -> dict[str, Any]:
    refusal = errors.ProblemDocument.model_json_schema(ref_template=REF)
    refusal.pop("$defs", None)
    return {
        "ProblemDocument": refusal,
        "Place": errors.Place.model_json_schema(),
        "Token": TOKEN,
        "OAuthError": OAUTH_ERROR,
        "Introspection": INTROSPECTION,
        "Readiness": READINESS,
    }


def operation(name: str, tag: str, summary: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    refusals = {str(code): answer_of(code) for code in EVERYWHERE}
    described = {"operationId": name, "tags": [tag], "summary": summary, "responses": {**refusals, **responses}}
    return {**described, **PUBLIC, **more}


def json_answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def oauth_error(description: str) -> dict[str, Any]:
    return json_answer(description, ref("OAuthError"))


TOKEN = {
    "type": "object",
    "title": "Token",
    "required": ["access_token", "token_type", "expires_in", "scope"],
    "properties": {
        "access_token": {**TEXT, "description": "A signed JWT (RFC 9068); send it as `Authorization: Bearer …`"},
        "token_type": {**TEXT, "const": "Bearer"},
        "expires_in": {"type": "integer", "description": "Seconds", "examples": [600]},
        "scope": {**TEXT, "description": "Parted by spaces", "examples": ["enterprises:read results:read"]},
    },
}
OAUTH_ERROR = {
    "type": "object",
    "title": "OAuthError",
    "required": ["error"],
    "properties": {"error": {**TEXT, "examples": ["invalid_client"]}, "error_description": TEXT},
}
PART = {"type": "object", "required": ["status"], "properties": {"status": {"enum": ["ready", "not-ready"]}}}
READINESS = {
    "type": "object",
    "title": "Readiness",
    "required": ["status", "parts"],
    "properties": {
        "status": {"enum": ["ready", "not-ready"]},
        "parts": {"type": "object", "description": "By process", "additionalProperties": PART},
    },
}
INTROSPECTION = {
    "type": "object",
    "title": "Introspection",
    "required": ["active"],
    "properties": {
        "active": {"type": "boolean", "description": "Good now, and the client that asks may know of it"},
        "client_id": TEXT,
        "scope": TEXT,
        "role": TEXT,
        "exp": {"type": "integer"},
    },
}
WHO = {
    "client_id": {**TEXT, "description": "With client_secret_post; else in `Authorization: Basic …`"},
    "client_secret": TEXT,
    "client_assertion_type": {**TEXT, "const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
    "client_assertion": {
        **TEXT,
        "description": "private_key_jwt: `typ` is client-authentication+jwt, `aud` the issuer and nothing else, `exp` a minute "
        "ahead at most, `jti` new each time",
    },
}
TOKEN_FORM = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {**TEXT, "const": "client_credentials"},
        "scope": {**TEXT, "description": "Fewer scopes than the client may have; left out: all of them"},
        **WHO,
    },
}
ABOUT_TOKEN = {
    "type": "object",
    "required": ["token"],
    "properties": {"token": TEXT, "token_type_hint": {**TEXT, "examples": ["access_token"]}, **WHO},
}
OBJECT = {"type": "object"}
UNAVAILABLE = {"503": answer_of(503)}
REFUSED = {
    "400": {
        "description": "The request is not one the RFC knows, or cannot be parsed",
        "content": {JSON: {"schema": ref("OAuthError")}, **answer_of(400)["content"]},
    },
    "401": oauth_error("The client is not known, or did not prove that it is this one"),
    "408": answer_of(408),
    "413": answer_of(413),
    "415": answer_of(415),
    "429": oauth_error("Too many wrong secrets of this client"),
    "503": oauth_error("The gateway's database is not available, or too many secrets are being checked"),
}


def form(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}


PATHS: dict[str, Any] = {
    "/oauth/token": {
        "post": operation(
            "issue_token",
            "tokens",
            "A token for a client that shows its secret, or signs with its key.",
            {"200": json_answer("A token of ten minutes", ref("Token")), **REFUSED},
            requestBody=form(TOKEN_FORM),
        )
    },
    "/oauth/revoke": {
        "post": operation(
            "revoke_token",
            "tokens",
            "Give back a token before it expires (RFC 7009): within a second nobody takes it any more.",
            {"200": {"description": "It is good no longer, or never was"}, **REFUSED},
            requestBody=form(ABOUT_TOKEN),
        )
    },
    "/oauth/introspect": {
        "post": operation(
            "introspect_token",
            "tokens",
            "Whether a token is good now, and what it says (RFC 7662).",
            {"200": json_answer("What is known of it", ref("Introspection")), **REFUSED},
            requestBody=form(ABOUT_TOKEN),
        )
    },
    "/oauth/revoked": {
        "get": operation(
            "show_revoked",
            "tokens",
            "Hashes of the tokens that are void before they expire, for whoever verifies tokens offline.",
            {"200": json_answer("The list", OBJECT), "304": answer_of(304), **UNAVAILABLE},
        )
    },
    "/oauth/jwks": {
        "get": operation(
            "show_keys",
            "tokens",
            "The public keys tokens are signed with (RFC 7517).",
            {"200": json_answer("A JWK set", OBJECT), **UNAVAILABLE},
        )
    },
    "/.well-known/oauth-authorization-server": {
        "get": operation(
            "show_metadata",
            "tokens",
            "What the token endpoint offers (RFC 8414).",
            {"200": json_answer("The metadata", OBJECT)},
        )
    },
    "/-/live": {
        "get": operation("show_live", "health", "Whether the gateway runs.", {"200": json_answer("Yes", OBJECT)})
    },
    "/-/ready": {
        "get": operation(
            "show_ready",
            "health",
            "Whether every part is ready.",
            {
                "200": json_answer("Every part is ready", ref("Readiness")),
                "503": json_answer("A part is not; `parts` names it", ref("Readiness")),
            },
        )
    },
    "/problems/{code}": {
        "get": operation(
            "show_problem",
            "problems",
            "What a problem means and what to do about it.",
            {
                "200": {
                    "description": "HTML for browsers, else JSON",
                    "content": {JSON: {"schema": OBJECT}, "text/html": {"schema": TEXT}},
                },
                "404": {**answer_of(404), "description": TITLES[404]},
            },
            parameters=[
                {
                    "name": "code",
                    "in": "path",
                    "required": True,
                    "schema": {**TEXT, "examples": ["validation-failed"]},
                    "description": "The `code` of a problem document",
                }
            ],
        )
    },
}
