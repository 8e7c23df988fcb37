"""Tokens that somebody made to get in: each is refused, by every road, in the same words, and asks nobody anything."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.settings import Settings
from hub.store.postgres import Pool
from sessions.issuer_keys import IssuerKeys
from sessions.token_keys import read_keys
from sessions.user_tokens import TokenExpired, TokenInvalid, UserTokens, UserTokenSettings
from tests.device import device
from tests.hub_process import Customer, running_hub
from tests.receiver import Receiver

SECRET = "a secret of at least 32 characters"
ISSUER = "https://login.example"
RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
STRANGER = rsa.generate_private_key(65537, 2048)
NOW = int(time.time())
A_DAY = 86_400
CLAIMS: dict[str, Any] = {"sub": "ada", "aud": "hark", "iss": ISSUER, "iat": NOW, "exp": NOW + A_DAY}


def pem(key: Any) -> str:
    text: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text.decode()


def jwk_set(*keys: tuple[str, Any]) -> bytes:
    """With a `kid` each."""
    kinds: dict[type, Any] = {
        rsa.RSAPrivateKey: jwt.algorithms.RSAAlgorithm,
        ec.EllipticCurvePrivateKey: jwt.algorithms.ECAlgorithm,
        ed25519.Ed25519PrivateKey: jwt.algorithms.OKPAlgorithm,
    }
    made = []
    for kid, key in keys:
        kind = next(found for of, found in kinds.items() if isinstance(key, of))
        made.append(json.loads(kind.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"})
    return msgspec.json.encode({"keys": made})


KEYS = jwk_set(("rsa", RSA), ("ec", EC), ("ed", ED))
USER_TOKENS = UserTokenSettings(token_secret=SECRET, token_keys=KEYS.decode(), token_issuer=ISSUER)
TOKENS = UserTokens(USER_TOKENS, IssuerKeys(read_keys(KEYS)))


def part(content: bytes | dict[str, Any]) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def hs256(head: bytes | dict[str, Any], claims: bytes | dict[str, Any], secret: bytes = SECRET.encode()) -> str:
    """Signed well, whatever is in it."""
    signed = f"{part(head)}.{part(claims)}"
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), 'sha256'))}"


def rs256(head: bytes | dict[str, Any], claims: bytes | dict[str, Any] = CLAIMS, key: Any = RSA) -> str:
    whole = head if isinstance(head, bytes) else {"alg": "RS256", "kid": "rsa"} | head
    signed = f"{part(whole)}.{part(claims)}"
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    return f"{signed}.{part(algorithm.sign(signed.encode(), key))}"


class Bad(NamedTuple):
    """A token, and what is wrong with it."""

    what: str
    token: str


def unsigned(alg: str) -> str:
    return f"{part({'alg': alg, 'typ': 'JWT'})}.{part(CLAIMS)}."


def bad_heads(endpoint: str) -> Iterator[Bad]:
    """`endpoint` hears when anybody follows what a head says."""
    own = {"alg": "HS256", "typ": "JWT"}
    for alg in ("none", "None", "NONE", "nOnE", "", "HS256 ", "hs256"):
        yield Bad(f"alg {alg!r}", unsigned(alg))
    yield Bad("none, and a signature", hs256({"alg": "none"}, CLAIMS))
    yield Bad("HS256 with the RSA public key", hs256({"alg": "HS256", "kid": "rsa"}, CLAIMS, pem(RSA).encode()))
    yield Bad("HS256 with the JWK", hs256({"alg": "HS256", "kid": "rsa"}, CLAIMS, KEYS))
    yield Bad("HS256 with no key", hs256(own, CLAIMS, b""))
    for kid in ("../../../../dev/null", "/dev/null", "' union select 'key' --", "rsa\0", "*", "", "ed", "x" * 300):
        yield Bad(f"RS256, kid {kid[:30]!r}", rs256({"kid": kid}, key=STRANGER))
        yield Bad(f"HS256 with no key, kid {kid[:30]!r}", hs256(own | {"kid": kid}, CLAIMS, b""))
    strange = json.loads(jwk_set(("x", STRANGER)))["keys"][0]
    for name, value in (
        ("jku", f"{endpoint}/jwks.json"),
        ("x5u", f"{endpoint}/x5u"),
        ("jwk", strange),
        ("x5c", ["MIIB"]),
        ("crit", ["exp"]),
        ("crit", []),
        ("crit", None),
        ("enc", "A256GCM"),
        ("b64", False),
        ("zip", "DEF"),
        ("typ", "logout+jwt"),
        ("kid", {"a": 1}),
    ):
        yield Bad(f"{name} {value}", rs256({name: value}))
        yield Bad(f"{name} {value}, of a stranger", rs256({name: value}, key=STRANGER))
        yield Bad(f"{name} {value}, HS256", hs256(own | {name: value}, CLAIMS))
    yield Bad("kid too long", hs256(own | {"kid": "x" * 256}, CLAIMS))
    yield Bad("alg twice", hs256(b'{"alg":"none","alg":"HS256"}', CLAIMS))
    yield Bad("kid twice", rs256(b'{"alg":"RS256","kid":"rsa","kid":"rsa"}'))
    for named in (None, ["HS256"], {"alg": "HS256"}, 256, "HS384", "HS512", "RS256 "):
        yield Bad(f"alg {named!r}, HS256", hs256({"alg": named}, CLAIMS))
    yield Bad("no alg", hs256({"typ": "JWT"}, CLAIMS))
    yield Bad("nested", hs256(own | {"cty": "JWT"}, part(CLAIMS).encode()))
    yield Bad("RSA says that it is EC", rs256({"alg": "ES256", "kid": "ec"}))
    yield Bad("RSA says that it is Ed25519", rs256({"alg": "EdDSA", "kid": "ed"}))
    yield Bad("RSA says that it is the secret", rs256({"alg": "HS256"}))
    yield Bad("RS256 by the name of the EC key", rs256({"kid": "ec"}))
    yield Bad("EdDSA with nothing but zeros", f"{part({'alg': 'EdDSA', 'kid': 'ed'})}.{part(CLAIMS)}.{part(bytes(64))}")
    yield Bad(
        "RS256 with nothing but zeros", f"{part({'alg': 'RS256', 'kid': 'rsa'})}.{part(CLAIMS)}.{part(bytes(256))}"
    )
    yield Bad("HS512", jwt.encode(CLAIMS, SECRET * 2, "HS512"))
    yield Bad("RS512", jwt.encode(CLAIMS, RSA, "RS512", {"kid": "rsa"}))
    yield Bad("PS256", jwt.encode(CLAIMS, RSA, "PS256", {"kid": "rsa"}))
    yield Bad("another EC key", jwt.encode(CLAIMS, ec.generate_private_key(ec.SECP256R1()), "ES256", {"kid": "ec"}))
    yield Bad(
        "a signature of nothing but zeros (ES256)",
        f"{part({'alg': 'ES256', 'kid': 'ec'})}.{part(CLAIMS)}.{part(bytes(64))}",
    )
    yield Bad(
        "ES256 as DER",
        f"{part({'alg': 'ES256', 'kid': 'ec'})}.{part(CLAIMS)}.{part(bytes.fromhex('3006020101020101'))}",
    )
    yield Bad("the key of another algorithm", rs256({"kid": "ec"}, key=STRANGER))
    yield Bad("a head that is deep", hs256(b"[" * 40_000, CLAIMS))
    yield Bad("a head that is no object", hs256(b"[]", CLAIMS))


def bad_claims() -> Iterator[Bad]:
    """Signed well; as our own, and by the issuer."""
    made: tuple[tuple[str, bytes | dict[str, Any]], ...] = (
        ("exp as text", CLAIMS | {"exp": str(NOW + A_DAY)}),
        ("exp with a fraction", CLAIMS | {"exp": NOW + A_DAY + 0.5}),
        ("exp as a float", CLAIMS | {"exp": float(NOW + A_DAY)}),
        ("exp huge", CLAIMS | {"exp": 10**15}),
        ("exp far beyond", CLAIMS | {"exp": 10**30}),
        ("exp beyond all doubles", CLAIMS | {"exp": 10**309}),
        ("exp below all doubles", CLAIMS | {"exp": -(10**309)}),
        ("exp negative", CLAIMS | {"exp": -1}),
        ("exp null", CLAIMS | {"exp": None}),
        ("exp true", CLAIMS | {"exp": True}),
        ("exp in a list", CLAIMS | {"exp": [NOW + A_DAY]}),
        ("longer than a month", CLAIMS | {"exp": NOW + 40 * A_DAY}),
        ("iat in the future", CLAIMS | {"iat": NOW + A_DAY // 2}),
        ("iat as text", CLAIMS | {"iat": str(NOW)}),
        ("iat after exp", CLAIMS | {"iat": NOW, "exp": NOW - 20}),
        *(
            (f"no {name}", {claim: CLAIMS[claim] for claim in CLAIMS if claim != name})
            for name in ("sub", "exp", "iat")
        ),
        ("nothing", {}),
        ("exp beyond all numbers", msgspec.json.encode(CLAIMS | {"exp": 7}).replace(b":7", b":1e400")),
        ("exp as infinity", msgspec.json.encode(CLAIMS | {"exp": 7}).replace(b":7", b":Infinity")),
        ("iat negative", CLAIMS | {"iat": -NOW}),
        ("nbf huge", CLAIMS | {"nbf": 10**18}),
        ("nbf in the future", CLAIMS | {"nbf": NOW + A_DAY // 2}),
        ("nbf as text", CLAIMS | {"nbf": "0"}),
        ("sub as a number", CLAIMS | {"sub": 1}),
        ("sub as a list", CLAIMS | {"sub": ["ada"]}),
        ("sub empty", CLAIMS | {"sub": ""}),
        ("sub with a NUL", CLAIMS | {"sub": "ada\0"}),
        ("sub too long", CLAIMS | {"sub": "a" * 129}),
        ("no audience", {name: value for name, value in CLAIMS.items() if name != "aud"}),
        ("another audience", CLAIMS | {"aud": "hark2"}),
        ("a part of the audience", CLAIMS | {"aud": "har"}),
        ("other audiences", CLAIMS | {"aud": ["x", "hark "]}),
        ("an audience in an object", CLAIMS | {"aud": {"hark": 1}}),
        ("jti too long", CLAIMS | {"jti": "x" * 256}),
        ("sid too long", CLAIMS | {"sid": "x" * 256}),
        ("topics as text", CLAIMS | {"topics": "news"}),
        ("sub twice", msgspec.json.encode(CLAIMS)[:-1] + b',"sub":"root"}'),
        ("sub twice, in other letters", msgspec.json.encode(CLAIMS)[:-1] + b',"\\u0073ub":"root"}'),
        ("exp twice", msgspec.json.encode(CLAIMS)[:-1] + b',"exp":%d}' % (NOW + A_DAY)),
        ("a byte more", msgspec.json.encode(CLAIMS) + b"x"),
        ("half a surrogate", msgspec.json.encode(CLAIMS).replace(b"ada", b"\\ud800")),
        ("not UTF-8", msgspec.json.encode(CLAIMS).replace(b"ada", b"\xff")),
        ("NaN", msgspec.json.encode(CLAIMS).replace(b'"nbf":', b"").replace(b"}", b',"nbf":NaN}')),
        ("deep", b'{"x":' + b"[" * 20_000),
        ("a list", b"[]"),
    )
    for what, claims in made:
        yield Bad(f"{what}, HS256", hs256({"alg": "HS256", "typ": "JWT"}, claims))
        yield Bad(f"{what}, RS256", rs256({}, claims))
    for what, claims in (
        ("another issuer", CLAIMS | {"iss": "https://evil.example"}),
        ("a part of the issuer", CLAIMS | {"iss": ISSUER[:-1]}),
        ("more than the issuer", CLAIMS | {"iss": f"{ISSUER}.evil.example"}),
        ("several issuers", CLAIMS | {"iss": [ISSUER]}),
        ("no issuer", {name: value for name, value in CLAIMS.items() if name != "iss"}),
    ):
        yield Bad(f"{what}, RS256", rs256({}, claims))


def bad_texts() -> Iterator[Bad]:
    good = jwt.encode(CLAIMS, SECRET, "HS256")
    head, claims, signature = good.split(".")
    yield Bad(
        "encrypted (RFC 7516), and a bomb",
        f"{part({'alg': 'dir', 'enc': 'A256GCM', 'zip': 'DEF'})}..x.{'A' * 60_000}.x",
    )
    yield Bad("five parts", f"{good}.x.x")
    yield Bad("two parts", f"{head}.{claims}")
    yield Bad("no signature", f"{head}.{claims}.")
    yield Bad("half a signature", good[:-10])
    yield Bad("the signature of another", f"{head}.{part(CLAIMS | {'sub': 'root'})}.{signature}")
    yield Bad("the signature first", f"{signature}.{head}.{claims}")
    yield Bad("a line break in it", f"{head}.{claims[:8]}\n{claims[8:]}.{signature}")
    yield Bad("a blank in it", f"{head}. {claims}.{signature}")
    yield Bad("in standard base64", f"{head}.{claims}.{'+/' * 21}+")
    yield Bad("in other letters", f"{head}.{claims}.{signature[:-4]}\uff21\uff21\uff21\uff21")
    yield Bad("padded", f"{good}=")
    yield Bad("JSON serialization", json.dumps({"protected": head, "payload": claims, "signature": signature}))
    yield Bad("dots", "." * 1000)
    yield Bad("60 kB", f"{head}.{'A' * 60_000}.{signature}")


NOWHERE = "https://127.0.0.1:9"
EVERY = [*bad_heads(NOWHERE), *bad_claims(), *bad_texts()]


def test_they_are_many() -> None:
    assert len({bad.token for bad in EVERY}) == len(EVERY) > 100


@pytest.mark.parametrize("bad", EVERY, ids=lambda bad: bad.what.partition("{")[0])
def test_a_token_that_somebody_made_to_get_in_is_refused(bad: Bad) -> None:
    with pytest.raises(TokenInvalid) as refused:
        TOKENS.verify(bad.token)
    assert str(refused.value) == "not a valid user token"
    assert refused.value.why


MEGABYTE = f"{part({'alg': 'HS256'})}.{'A' * 1_000_000}.x"


def test_a_token_of_a_megabyte_is_not_even_looked_at() -> None:
    with pytest.raises(TokenInvalid, match="not a valid user token") as refused:
        TOKENS.verify(MEGABYTE)
    assert refused.value.why == "too long"


async def test_a_token_of_a_megabyte_gets_nowhere(hub: Customer) -> None:
    async with device(hub.url, MEGABYTE) as stranger:
        assert await stranger.closed() == 1009  # a message of more than 64 KiB is not read
    async with httpx.AsyncClient(base_url=hub.url) as http:
        for path in ("/sse", "/api/v1/users/me/inbox"):
            for length, status in ((len(MEGABYTE), 431), (65_536, 401)):  # so long a head is not read to its end
                answer = await http.get(path, headers={"Authorization": f"Bearer {MEGABYTE[:length]}"})
                assert answer.status_code == status, answer.text


SIGNERS: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
    ("HS256", lambda claims: jwt.encode(claims, SECRET, "HS256", {"kid": "mine"})),
    (
        "RS256",
        lambda claims: jwt.encode(claims, RSA, "RS256", {"kid": "rsa", "x5t": "abc", "x5t#S256": "abc", "cat": "x"}),
    ),
    ("ES256", lambda claims: jwt.encode(claims, EC, "ES256", {"kid": "ec", "typ": "at+jwt"})),
    ("EdDSA", lambda claims: jwt.encode(claims, ED, "EdDSA", {"kid": "ed"})),
    ("no kid", lambda claims: jwt.encode(claims, ED, "EdDSA")),
]


@pytest.mark.parametrize(("_", "sign"), SIGNERS, ids=[name for name, _ in SIGNERS])
def test_good_ones_are_accepted_and_end(_: str, sign: Callable[[dict[str, Any]], str]) -> None:
    token = TOKENS.verify(sign(CLAIMS | {"topics": ["news"], "sid": "laptop", "jti": "1", "aud": ["hark", "shop"]}))
    assert (token.user_id, token.topics, token.session_id, token.token_id) == ("ada", ("news",), "laptop", "1")
    with pytest.raises(TokenExpired):
        TOKENS.verify(sign(CLAIMS | {"iat": NOW - 200, "exp": NOW - 100}))


def test_an_audience_of_the_issuers_own_is_for_its_tokens_only() -> None:
    settings = msgspec.structs.replace(USER_TOKENS, token_audience="shop")
    tokens = UserTokens(settings, IssuerKeys(read_keys(KEYS)))
    assert tokens.verify(rs256({}, CLAIMS | {"aud": "shop"})).user_id == "ada"
    assert tokens.verify(hs256({"alg": "HS256"}, CLAIMS)).user_id == "ada"
    for token in (rs256({}), hs256({"alg": "HS256"}, CLAIMS | {"aud": "shop"})):
        with pytest.raises(TokenInvalid):
            tokens.verify(token)


async def test_by_every_road_they_hear_the_same_and_nobody_is_asked(
    settings: Settings, pool: Pool, endpoint: Receiver
) -> None:
    some = [*bad_heads(endpoint.url), *[bad for bad in EVERY if len(bad.token) < 4000][::8]]
    settings = msgspec.structs.replace(settings, user_tokens=USER_TOKENS)
    async with running_hub(settings, pool) as hub, httpx.AsyncClient(base_url=hub.url) as http:
        for bad in some:
            async with device(hub.url, bad.token) as stranger:
                said = await stranger.heard()
                assert (said["code"], said["message"]) == ("bad_token", "not a valid user token"), bad.what
                assert await stranger.closed() == 4500
            if len(bad.token) > 4000 or not (bad.token.isascii() and bad.token.isprintable()):
                continue
            for path in ("/sse", "/api/v1/users/me/inbox"):
                answer = await http.get(path, headers={"Authorization": f"Bearer {bad.token}"})
                assert (answer.status_code, answer.json().get("detail")) == (401, "not a valid user token"), bad.what
        async with device(hub.url, rs256({})) as friend:
            assert (await friend.heard())["user"] == "ada"
    assert endpoint.calls == []
