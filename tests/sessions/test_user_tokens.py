"""User tokens: what is accepted, and above all what is not."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from sessions.user_tokens import TokenExpired, TokenInvalid, UserTokens, UserTokenSettings

SECRET = "a secret of at least 32 characters"
TOKENS = UserTokens(UserTokenSettings(token_secret=SECRET, token_ttl_s=60))
CLAIMS = {"sub": "ada", "aud": "hark", "exp": int(time.time()) + 600}


def test_a_token_says_who_and_what() -> None:
    token = TOKENS.mint("ada", ("news",), now=datetime.now(UTC))
    verified = TOKENS.verify(token)
    assert (verified.user_id, verified.topics) == ("ada", ("news",))


def test_an_expired_token_is_told_apart_from_a_bad_one() -> None:
    with pytest.raises(TokenExpired):
        TOKENS.verify(TOKENS.mint("ada", (), now=datetime.now(UTC) - timedelta(minutes=5)))


@pytest.mark.parametrize(
    ("claims", "key", "algorithm"),
    [
        (CLAIMS, "another secret of at least 32 chars", "HS256"),
        (CLAIMS, SECRET, "HS512"),
        (CLAIMS, "", "none"),
        (CLAIMS | {"aud": "other"}, SECRET, "HS256"),
        ({"sub": "ada", "exp": CLAIMS["exp"]}, SECRET, "HS256"),
        ({"sub": "ada", "aud": "hark"}, SECRET, "HS256"),
        ({"aud": "hark", "exp": CLAIMS["exp"]}, SECRET, "HS256"),
        (CLAIMS | {"exp": "soon"}, SECRET, "HS256"),
        (CLAIMS | {"topics": "news"}, SECRET, "HS256"),
        (CLAIMS | {"nbf": int(time.time()) + 600}, SECRET, "HS256"),
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
