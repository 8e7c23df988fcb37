"""Who may have a device token that somebody has."""

from uuid import UUID

import msgspec
import pytest

from sessions.ownership import Owner, may_have
from sessions.session import Registration, digest, unique

HERS = Owner(UUID(int=1), "ada", digest("her phone's secret"))
UNTOLD = HERS._replace(secret_digest=None)
OTHERS = Registration(user_id="linus", platform="ios", provider="apns", token="t", token_digest=digest("t"))


@pytest.mark.parametrize(
    ("owner", "changes", "moves"),
    [
        (HERS, {}, False),
        (HERS, {"secret_digest": digest("his phone's secret")}, False),
        (HERS, {"secret_digest": digest("her phone's secret")}, True),
        (HERS, {"take_over": True}, True),
        (HERS, {"user_id": "ada"}, True),
        (HERS, {"user_id": "ada", "secret_digest": digest("another")}, True),
        (HERS, {"user_id": "Ada"}, False),
        (UNTOLD, {}, True),
        (UNTOLD, {"secret_digest": digest("his phone's secret")}, True),
    ],
    ids=str,
)
def test_a_token_moves_with_its_secret_or_the_servers_word(
    owner: Owner, changes: dict[str, object], *, moves: bool
) -> None:
    assert may_have(owner, msgspec.structs.replace(OTHERS, **changes)) is moves


def test_apples_tokens_are_the_same_in_either_case_and_googles_are_not() -> None:
    assert unique("apns", "AB01") == unique("apns", "ab01")
    assert unique("fcm", "AB01") != unique("fcm", "ab01")
