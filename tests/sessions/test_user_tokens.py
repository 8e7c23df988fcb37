"""User tokens: what is accepted, and above all what is not."""

import base64
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessions.user_tokens import LEEWAY_S, TokenExpired, TokenInvalid, UserTokens, UserTokenSettings

SECRET = "a secret of at least 32 characters"
TOKENS = UserTokens(UserTokenSettings(token_secret=SECRET, token_ttl_s=60))
A_DAY = 86_400  # what is made when the tests are collected must hold until they have run
NOW = int(time.time())
CLAIMS = {"sub": "ada", "aud": "hark", "iat": NOW, "exp": NOW + A_DAY}


def _without(claim: str) -> dict[str, Any]:
    return {name: value for name, value in CLAIMS.items() if name != claim}


def test_a_token_says_who_and_what() -> None:
    now = datetime.now(UTC)
    token = TOKENS.mint("ada", ("news",), now=now, session_id="laptop")
    verified = TOKENS.verify(token)
    assert (verified.user_id, verified.topics, verified.session_id) == ("ada", ("news",), "laptop")
    assert abs(verified.issued_at - now.timestamp()) < 0.001


def test_no_two_tokens_have_the_same_id() -> None:
    ids = {TOKENS.verify(TOKENS.mint("ada", (), now=datetime.now(UTC))).token_id for _ in range(100)}
    assert len(ids) == 100


def test_an_expired_token_is_told_apart_from_a_bad_one() -> None:
    with pytest.raises(TokenExpired):
        TOKENS.verify(TOKENS.mint("ada", (), now=datetime.now(UTC) - timedelta(minutes=5)))


def test_a_token_ends_at_exp_to_the_second_and_may_begin_half_a_minute_later() -> None:
    now = int(time.time())
    with pytest.raises(TokenExpired):
        TOKENS.verify(jwt.encode(CLAIMS | {"iat": now - 60, "exp": now}, SECRET, "HS256"))
    ahead = {"iat": now + LEEWAY_S - 1, "nbf": now + LEEWAY_S - 1}
    assert TOKENS.verify(jwt.encode(CLAIMS | ahead, SECRET, "HS256")).user_id == "ada"
    for claim in ("iat", "nbf"):
        with pytest.raises(TokenInvalid):
            TOKENS.verify(jwt.encode(CLAIMS | {claim: now + LEEWAY_S + 60}, SECRET, "HS256"))


@pytest.mark.parametrize(
    ("claims", "key", "algorithm"),
    [
        (CLAIMS, "another secret of at least 32 chars", "HS256"),
        (CLAIMS, SECRET, "HS512"),
        (CLAIMS, "", "none"),
        (CLAIMS | {"aud": "other"}, SECRET, "HS256"),
        *((_without(claim), SECRET, "HS256") for claim in CLAIMS),
        (CLAIMS | {"exp": "soon"}, SECRET, "HS256"),
        (CLAIMS | {"topics": "news"}, SECRET, "HS256"),
        (CLAIMS | {"nbf": int(time.time()) + A_DAY}, SECRET, "HS256"),
    ],
)
@pytest.mark.filterwarnings("ignore:The HMAC key is:jwt.warnings.InsecureKeyLengthWarning")  # of HS512, on purpose
def test_a_token_that_is_not_quite_ours_is_refused(claims: dict[str, Any], key: str, algorithm: str) -> None:
    with pytest.raises(TokenInvalid):
        TOKENS.verify(jwt.encode(claims, key, algorithm))


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "a" * 100_000, "\x00", "é.é.é"])
def test_what_is_no_token_at_all_is_refused(text: str) -> None:
    with pytest.raises(TokenInvalid):
        TOKENS.verify(text)


OWN = TOKENS.mint("ada", ("news",), now=datetime.now(UTC))


def signed(payload: bytes, secret: str = SECRET) -> str:
    """A token with the head of our own, and any bytes as its claims."""
    text = f"{OWN.partition('.')[0]}.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}"
    signature = hmac.digest(secret.encode(), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


CLAIM = st.one_of(
    st.none(),
    st.integers(-5, 2**40),
    st.floats(0, 1e12),
    st.text(),
    st.sampled_from(["hark", ["hark"], ["a", "hark"], []]),
)


@given(st.dictionaries(st.sampled_from(["sub", "aud", "exp", "nbf", "iat", "topics", "x"]), CLAIM))
@example(CLAIMS)
@example(CLAIMS | {"aud": ["hark"], "topics": ["a"]})
@example(CLAIMS | {"iat": NOW - 700, "exp": NOW - 600})
def test_nothing_is_accepted_that_pyjwt_refuses(claims: dict[str, Any]) -> None:
    token = signed(json.dumps(claims).encode())
    try:
        short = TOKENS.verify(token)
    except (TokenExpired, TokenInvalid):
        return
    options: Any = {"require": ["sub", "exp", "iat", "aud"]}
    long = jwt.decode(token, SECRET, ["HS256"], audience="hark", leeway=30, options=options)
    assert (short.user_id, list(short.topics)) == (long["sub"], long.get("topics", []))


@given(st.binary(max_size=60))
def test_bytes_that_are_no_claims_are_refused_however_well_signed(payload: bytes) -> None:
    with pytest.raises(TokenInvalid):
        TOKENS.verify(signed(payload))


@given(st.integers(0, len(OWN) - 1), st.characters())
def test_one_character_changed_is_another_token(place: int, character: str) -> None:
    changed = OWN[:place] + character + OWN[place + 1 :]
    if changed == OWN or place == len(OWN) - 1:  # the last character has two bits that mean nothing
        return
    with pytest.raises(TokenInvalid):
        TOKENS.verify(changed)


def test_tokens_of_a_customers_own_code_are_accepted_too() -> None:
    assert TOKENS.verify(jwt.encode(CLAIMS, SECRET, "HS256", headers={"kid": "mine"})).user_id == "ada"
