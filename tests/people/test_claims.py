"""What of a person's token counts, and what is refused; the provider is a stand-in that signs whatever a test wants."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from shared import errors
from shared.oidc import read_issuers
from shared.verification import TokenVerifier
from tests.gateway.servers import Running, answer
from tests.shared.test_auth import FORGER, ISSUER, KEY

EC = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
RSA = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
ORGANISATION = "019a5c3e-7f00-7000-8000-000000000000"
ANOTHER = "019a5c3e-7f00-7000-8000-000000000001"


class StandIn:
    """Tells where its keys are, and which they are."""

    name = ""
    asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        self.asked += 1
        about = {"issuer": self.name, "jwks_uri": f"{self.name}/keys"}
        keys = {"keys": [key.as_dict(private=False) for key in (EC, RSA)]}
        await answer(send, 200, json.dumps(keys if scope["path"] == "/keys" else about).encode())


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    stand_in = StandIn()
    with Running(stand_in, lifespan="off") as running:
        stand_in.name = running.url
        yield stand_in


def verifier_of(provider: StandIn, **changes: Any) -> TokenVerifier:
    about = {
        "name": "coop",
        "issuer": provider.name,
        "audience": "score",
        "roles": {"boss": "coordinator", "sourcing": "buyer"},
        "claims": {"role": "roles", "countries": "score.countries", "organisation_id": "org"},
    } | changes

    async def ours() -> dict[str, Any]:
        return {"keys": [KEY.as_dict(private=False)]}

    return TokenVerifier(ISSUER, fetch=ours, providers=read_issuers(json.dumps([about])))


def signed(provider: StandIn, key: Any = EC, head: dict[str, Any] | None = None, **changes: Any) -> str:
    at = int(time.time())
    good = {"iss": provider.name, "aud": "score", "sub": "u-1", "iat": at, "exp": at + 600, "roles": ["sourcing"]}
    claims = {name: value for name, value in (good | changes).items() if value is not None}
    alg = "ES256" if isinstance(key, ECKey) else "RS256"
    header = {"alg": alg, "typ": "at+jwt", "kid": key.kid} | (head or {})
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=["ES256", "RS256"])


@pytest.mark.parametrize("key", [EC, RSA])
async def test_either_kind_of_key_is_taken(provider: StandIn, key: Any) -> None:
    token = signed(provider, key, score={"countries": ["GH", "XX", "KE"]}, org=ORGANISATION)
    person = await verifier_of(provider).verify(token)
    assert (person.subject, person.client_id, person.is_person) == ("coop:u-1", "coop:u-1", True)
    assert (person.role, str(person.organisation_id)) == ("buyer", ORGANISATION)
    assert person.countries == ("GH", "KE")
    assert "enterprises:read" in person.scopes
    assert "clients:write" not in person.scopes


async def test_the_first_role_in_the_operators_order_counts(provider: StandIn) -> None:
    person = await verifier_of(provider).verify(signed(provider, roles=["sourcing", "boss"]))
    assert person.role == "coordinator"
    assert (await verifier_of(provider).verify(signed(provider, roles="other sourcing"))).role == "buyer"


async def test_a_role_that_the_operator_did_not_name_can_not_be_had(provider: StandIn) -> None:
    for roles in (["programme_admin"], "programme_admin", [], None, 7, {"boss": 1}):
        with pytest.raises(errors.Forbidden):
            await verifier_of(provider).verify(signed(provider, roles=roles))


async def test_what_is_fixed_no_token_changes(provider: StandIn) -> None:
    fixed = {"organisation_id": ORGANISATION, "countries": ["CH"], "role": "buyer"}
    token = signed(provider, org=ANOTHER, score={"countries": ["GH"]}, roles=["boss"])
    person = await verifier_of(provider, fixed=fixed).verify(token)
    assert (str(person.organisation_id), person.countries, person.role) == (ORGANISATION, ("CH",), "buyer")


async def test_scopes_may_come_from_the_token_within_the_role(provider: StandIn) -> None:
    verifier = verifier_of(provider, claims={"role": "roles", "scope": "scope"})
    token = signed(provider, scope="openid enterprises:read clients:write")
    assert (await verifier.verify(token)).scopes == {"enterprises:read"}


async def test_a_provider_may_name_thumbprints_and_other_audiences(provider: StandIn) -> None:
    token = signed(provider, head={"x5t": "abc"}, aud=["account", "score"])
    assert (await verifier_of(provider).verify(token)).role == "buyer"


REFUSED: dict[str, dict[str, Any]] = {
    "an id token": {"aud": "portal", "nonce": "x"},
    "another kind": {"head": {"typ": "JWT"}},
    "another issuer": {"iss": "https://evil.example.org"},
    "no audience": {"aud": None},
    "expired": {"exp": int(time.time()) - 1},
    "no end": {"exp": None},
    "longer than an hour": {"exp": int(time.time()) + 7200},
    "not yet": {"nbf": int(time.time()) + 86_400},
    "issued tomorrow": {"iat": int(time.time()) + 86_400, "exp": int(time.time()) + 86_500},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject with a line break": {"sub": "a\nb"},
    "an endless subject": {"sub": "x" * 300},
    "a key in the head": {"head": {"jwk": EC.as_dict(private=False)}},
    "an address of keys in the head": {"head": {"jku": "https://evil.example.org"}},
    "an unknown kid": {"head": {"kid": "x"}},
    "the other key's id": {"head": {"kid": RSA.kid}},
    "an organisation that is no id": {"org": "x"},
    "our key under the provider's name": {"key": KEY},
}


@pytest.mark.parametrize("what", REFUSED)
async def test_other_tokens_are_nobodys(provider: StandIn, what: str) -> None:
    with pytest.raises(errors.Unauthorized):
        await verifier_of(provider).verify(signed(provider, **REFUSED[what]))


async def test_a_provider_does_not_speak_for_us(provider: StandIn) -> None:
    """Its key, its kid, our name: whoever runs it must not become our administrator."""
    token = FORGER.token(RSA, FORGER.header(kid=RSA.kid))
    with pytest.raises(errors.Unauthorized):
        await verifier_of(provider).verify(token)


async def test_a_provider_that_goes_by_another_name_is_not_believed(provider: StandIn) -> None:
    other = StandIn()
    other.name = provider.name
    with Running(other, lifespan="off") as running:
        verifier = verifier_of(other, issuer=running.url)
        with pytest.raises(errors.ServiceUnavailable):
            await verifier.verify(signed(provider, iss=running.url))


async def test_keys_may_be_named_without_discovery(provider: StandIn) -> None:
    verifier = verifier_of(provider, issuer="https://login.example.org", jwks_uri=f"{provider.name}/keys")
    assert (await verifier.verify(signed(provider, iss="https://login.example.org"))).role == "buyer"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issuer": "http://login.example.org"}, "https://"),
        ({"jwks_uri": "http://login.example.org/keys"}, "https://"),
        ({"roles": {}}, "roles must say"),
        ({"roles": {"x": "root"}}, "roles.x"),
        ({"audience": ""}, "audience"),
        ({"name": "Not This"}, "name"),
        ({"surprise": 1}, "surprise"),
        ({"token_type": "id"}, "token_type"),
    ],
)
def test_an_operators_mistake_ends_the_start_with_a_sentence(change: dict[str, Any], said: str) -> None:
    right = {"name": "a", "issuer": "https://a.example.org", "audience": "score", "roles": {"x": "auditor"}}
    assert read_issuers(json.dumps([right]))
    with pytest.raises(SystemExit, match=said):
        read_issuers(json.dumps([right | change]))


def test_two_providers_are_two() -> None:
    one = {"name": "a", "issuer": "https://a.example.org", "audience": "score", "roles": {"x": "auditor"}}
    for other in ({"issuer": "https://b.example.org"}, {"name": "b"}):
        with pytest.raises(SystemExit, match="two have the same"):
            read_issuers(json.dumps([one, one | other]))
    with pytest.raises(SystemExit):
        read_issuers("not json")
    assert read_issuers("") == ()
