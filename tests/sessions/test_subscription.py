"""What makes two subscriptions the same, and what only its browser knows."""

import pytest

from sessions.subscription import Keys, PushSubscription, secret, unique

ENDPOINT = "https://push.example.com/wpush/v2/AbC"


def at(endpoint: str, auth: str = "prBklwh-RCPahwKyvsR3aA") -> PushSubscription:
    return PushSubscription(endpoint, Keys("point", auth))


@pytest.mark.parametrize(
    "same",
    [
        "HTTPS://Push.Example.COM/wpush/v2/AbC",
        "https://push.example.com:443/wpush/v2/AbC",
        "https://push.example.com/wpush/v2/%41bC",
        "https://push.example.com/wpush%2fv2%2FAbC",
        "https://push.example.com/wpush/v2/AbC?",
    ],
)
def test_an_endpoint_has_one_spelling(same: str) -> None:
    assert unique(at(same)) == unique(at(ENDPOINT)) == ENDPOINT


@pytest.mark.parametrize(
    "other",
    [
        "https://push.example.com/wpush/v2/abc",
        "https://push.example.com:444/wpush/v2/AbC",
        "https://push.example.com/wpush/v2/AbC?x",
        "https://push.example.com/wpush/v2/AbC%3Fx",
        "https://push.example.com/wpush/v2/%2541bC",
    ],
)
def test_paths_and_other_ports_are_other_endpoints(other: str) -> None:
    assert unique(at(other)) != unique(at(ENDPOINT))


def test_the_query_has_its_case_without_a_path_too() -> None:
    endpoint = "https://push.example.com?token=AbC"
    assert unique(at(endpoint)) == unique(at(endpoint.replace("?", "/?"))) != unique(at(endpoint.lower()))


def test_the_secret_is_the_same_however_it_is_written() -> None:
    assert secret(at(ENDPOINT, "prBklwh-RCPahwKyvsR3aA==")) == secret(at(ENDPOINT))
    assert secret(at(ENDPOINT, "AAAAAAAAAAAAAAAAAAAAAA")) != secret(at(ENDPOINT))
