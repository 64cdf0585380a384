"""The public keys a client proves itself with: RSA of 2,048 bits or more, or on the curve P-256. Nothing private is taken."""

from collections.abc import Mapping
from typing import Annotated, Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from pydantic import AfterValidator, Field

from shared.types import refuse

Jwk = dict[str, Any]
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
KEPT = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}
MAX_KEYS = 10
MAX_MEMBERS = 20
RSA_BITS = range(2048, 8193)


def checked(keys: Mapping[str, Any]) -> dict[str, Any]:
    """The key set with nothing but what it takes to verify; each key with a `kid`, its thumbprint if none was given."""
    found = keys.get("keys")
    if set(keys) != {"keys"} or not isinstance(found, list) or not 1 <= len(found) <= MAX_KEYS:
        raise refuse("malformed_key_set", f'A key set is {{"keys": [...]}} with 1 to {MAX_KEYS} keys.')
    public = [public_key(key) for key in found]
    if len({key["kid"] for key in public}) < len(public):
        raise refuse("malformed_key_set", "Two keys have the same kid.")
    return {"keys": public}


def public_key(key: Any) -> Jwk:
    if not isinstance(key, dict) or len(key) > MAX_MEMBERS:
        raise refuse("malformed_key", "A key is an object (RFC 7517).")
    if PRIVATE & key.keys():
        raise refuse(
            "private_key", "Send the public half only. Consider this key as known to others, and make a new one."
        )
    kept = {name: key.get(name) for name in KEPT.get(str(key.get("kty")), ())}
    if not kept or not all(isinstance(value, str) for value in kept.values()):
        raise refuse("unknown_key_type", "A key is RSA, or EC on P-256.")
    return {**kept, "kid": kid_of(key, imported(kept)), "use": "sig"}


def imported(key: Jwk) -> RSAKey | ECKey:
    try:
        if key["kty"] == "EC":
            if key["crv"] != "P-256":
                raise refuse("unknown_key_type", "A key is RSA, or EC on P-256.")
            return ECKey.import_key(key)
        # looked at before it is built, which warns of a short one
        if 8 * len(str(key["n"])) * 3 // 4 not in range(RSA_BITS.start - 16, RSA_BITS.stop + 16):
            raise refuse("key_too_short", "An RSA key has 2,048 to 8,192 bits.")
        found = RSAKey.import_key(key)
    except (JoseError, ValueError, TypeError) as error:
        raise refuse("malformed_key", "This is no public key.") from error
    if found.raw_value.key_size not in RSA_BITS:
        raise refuse("key_too_short", "An RSA key has 2,048 to 8,192 bits.")
    return found


def kid_of(key: Jwk, public: RSAKey | ECKey) -> str:
    given = key.get("kid")
    if given is None:
        return public.thumbprint()
    if not isinstance(given, str) or not 1 <= len(given) <= 200 or not given.isprintable():
        raise refuse("malformed_key", "A kid is a text of 1 to 200 characters.")
    return given


KeySet = Annotated[
    dict[str, Any],
    AfterValidator(checked),
    Field(examples=[{"keys": [{"kty": "EC", "crv": "P-256", "kid": "2026-11", "x": "…", "y": "…"}]}]),
]
