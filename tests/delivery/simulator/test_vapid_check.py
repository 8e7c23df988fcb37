import itertools
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from delivery.simulator.devices import binding_of
from delivery.simulator.refused import Refused
from delivery.simulator.vapid_check import KEY_MISMATCH, check
from delivery.webpush import vapid

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
ORIGIN = "https://push.example"
SIGNER = vapid.load(vapid.generate().private_key)
OURS = SIGNER.application_server_key
OTHERS = vapid.generate().application_server_key
CLAIMS = {"aud": ORIGIN, "exp": (NOW + timedelta(hours=12)).timestamp(), "sub": "mailto:ops@example.com"}


def signed(**claims: object) -> str:
    return credentials(CLAIMS | claims)


def credentials(claims: dict[str, object], *, key: str = OURS) -> str:
    token = jwt.encode(claims, SIGNER.vapid.private_key, algorithm="ES256")
    return f"vapid t={token}, k={key}"


def without(claim: str) -> str:
    return credentials({name: value for name, value in CLAIMS.items() if name != claim})


def verdict(authorization: str | None, *, binding: str | None = None) -> Refused | None:
    return check(authorization, audience=ORIGIN, binding=binding, now=NOW)


@pytest.mark.parametrize(
    "authorization",
    [
        signed(),
        signed().replace("vapid t", "VAPID  t").replace(", k", ",k"),
        signed(sub="https://example.com"),
        signed(exp=(NOW + timedelta(hours=24)).timestamp()),
    ],
)
def test_a_good_signature_passes(authorization: str) -> None:
    assert verdict(authorization) is None


@pytest.mark.parametrize("authorization", [None, "", "Bearer x", "vapid", "WebPush eyJ"])
def test_without_credentials_it_is_401(authorization: str | None) -> None:
    refused = verdict(authorization)

    assert refused is not None
    assert refused.status == 401


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        (signed(aud="https://other.example"), "aud is not"),
        (signed(aud=ORIGIN + "/"), "aud is not"),
        (signed(exp=NOW.timestamp()), "exp has passed"),
        (signed(exp=(NOW + timedelta(hours=24, seconds=1)).timestamp()), "more than 24 hours"),
        (signed(sub="ops@example.com"), "sub is neither"),
        (without("sub"), "sub"),
        (without("exp"), "exp"),
        (without("aud"), "aud"),
        (credentials(CLAIMS, key=OTHERS), "Signature"),
        (credentials(CLAIMS, key="AAAA"), "refused"),
        (f"vapid k={OURS}", "refused"),
        (signed().partition(",")[0], "refused"),
        (f"vapid t=a.b.c, k={OURS}", "refused"),
        (f"vapid t={jwt.encode(CLAIMS, 'x' * 32, algorithm='HS256')}, k={OURS}", "alg value"),
        (f"vapid t={jwt.encode(CLAIMS, '', algorithm='none')}, k={OURS}", "alg value"),
    ],
    ids=itertools.count(),  # keys are made anew in every process
)
def test_bad_credentials_are_403_with_the_reason(authorization: str, reason: str) -> None:
    refused = verdict(authorization)

    assert refused is not None
    assert refused.status == 403
    assert reason in refused.reason


def test_a_restricted_subscription_takes_its_own_key_only() -> None:
    assert verdict(signed(), binding=binding_of(OURS)) is None
    assert verdict(signed(), binding=binding_of(OTHERS)) == Refused(403, KEY_MISMATCH)
