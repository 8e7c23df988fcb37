from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from delivery.simulator.oauth import AUDIENCE, GRANT, LIFE, SCOPE, AccessTokens, Denied, Granted, ServiceAccountKey

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
KEY = rsa.generate_private_key(65537, 2048)
OTHERS = rsa.generate_private_key(65537, 2048)
EMAIL = "sender@shop.iam.gserviceaccount.com"
CLAIMS = {"iss": EMAIL, "aud": AUDIENCE, "exp": (NOW + LIFE).timestamp(), "scope": SCOPE}


def tokens() -> AccessTokens:
    return AccessTokens(ServiceAccountKey(EMAIL, "shop", KEY.public_key()))


def form(*, key: rsa.RSAPrivateKey = KEY, grant: str = GRANT, **changes: object) -> str:
    assertion = jwt.encode(CLAIMS | changes, key, algorithm="RS256")
    return urlencode({"grant_type": grant, "assertion": assertion})


def test_a_granted_token_is_good_for_an_hour() -> None:
    known = tokens()
    granted = known.grant(form(), NOW)

    assert isinstance(granted, Granted)
    authorization = f"{granted.token_type} {granted.access_token}"
    assert known.known(authorization, NOW + LIFE - timedelta(seconds=1))
    assert not known.known(authorization, NOW + LIFE)
    assert not tokens().known(authorization, NOW)
    known.revoke()
    assert not known.known(authorization, NOW)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("", "unsupported_grant_type"),
        (form(grant="password"), "unsupported_grant_type"),
        (urlencode({"grant_type": GRANT}), "invalid_grant"),
        (form(key=OTHERS), "invalid_grant"),
        (form(iss="other@example.com"), "invalid_grant"),
        (form(aud="https://example.com/token"), "invalid_grant"),
        (form(exp=NOW.timestamp()), "invalid_grant"),
        (form(exp=(NOW + timedelta(hours=2)).timestamp()), "invalid_grant"),
        (form(scope="https://www.googleapis.com/auth/drive"), "invalid_scope"),
    ],
)
def test_anything_else_is_denied(said: str, error: str) -> None:
    denied = tokens().grant(said, NOW)

    assert isinstance(denied, Denied)
    assert denied.error == error
