from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from delivery.simulator.provider_token import LEAST_AGE, LONGEST_LIFE, Claims, Issuer, fault, verified

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
ISSUER = Issuer("TEAM567890", {"ABC123DEFG": KEY.public_key()})
CLAIMS = {"iss": "TEAM567890", "iat": NOW.timestamp()}
A_SECOND = timedelta(seconds=1)


def signed(
    claims: dict[str, object] | None = None, *, kid: str | None = "ABC123DEFG", key: ec.EllipticCurvePrivateKey = KEY
) -> str:
    return jwt.encode(claims or CLAIMS, key, algorithm="ES256", headers={"kid": kid} if kid else {})


def at(when: datetime) -> Claims:
    return Claims("TEAM567890", when.timestamp())


def test_a_token_of_the_teams_key_is_good() -> None:
    assert verified(signed(), ISSUER) == at(NOW)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        signed(kid=None),
        signed(kid="OTHER12345"),
        signed(key=ec.generate_private_key(ec.SECP256R1())),
        signed({"iss": "ANOTHER567", "iat": 1}),
        signed({"iss": "TEAM567890"}),
        signed({"iss": "TEAM567890", "iat": "noon"}),
        jwt.encode(CLAIMS, "x" * 32, algorithm="HS256", headers={"kid": "ABC123DEFG"}),
        jwt.encode(CLAIMS, "", algorithm="none", headers={"kid": "ABC123DEFG"}),
    ],
)
def test_any_other_token_says_nothing(token: str) -> None:
    assert verified(token, ISSUER) is None


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (timedelta(0), None),
        (LONGEST_LIFE, None),
        (LONGEST_LIFE + A_SECOND, "ExpiredProviderToken"),
        (-timedelta(seconds=30), None),
        (-timedelta(hours=1), "InvalidProviderToken"),
    ],
)
def test_a_token_lives_for_an_hour(age: timedelta, reason: str | None) -> None:
    assert fault(at(NOW - age), None, NOW) == reason


@pytest.mark.parametrize(
    ("between", "reason"),
    [(timedelta(0), None), (LEAST_AGE, None), (LEAST_AGE - A_SECOND, "TooManyProviderTokenUpdates")],
)
def test_a_connection_may_not_change_its_token_too_often(between: timedelta, reason: str | None) -> None:
    assert fault(at(NOW), at(NOW - between), NOW) == reason
