"""Who may have a device token that somebody has."""

from uuid import UUID

import msgspec
import pytest

from sessions.ownership import Owner, may_have
from sessions.session import Registration, unique

HER_SECRET = b"her phone's"
HERS = Owner(UUID(int=1), "ada", HER_SECRET)
UNTOLD = HERS._replace(secret_digest=None)
OTHERS = Registration(user_id="linus", platform="ios", provider="apns", token="t", unique_part="t")


@pytest.mark.parametrize(
    ("owner", "changes", "secret_digest", "moves"),
    [
        (HERS, {}, None, False),
        (HERS, {}, b"his phone's", False),
        (HERS, {}, HER_SECRET, True),
        (HERS, {"take_over": True}, None, True),
        (HERS, {"user_id": "ada"}, None, True),
        (HERS, {"user_id": "ada"}, b"another", True),
        (HERS, {"user_id": "Ada"}, None, False),
        (UNTOLD, {}, None, True),
        (UNTOLD, {}, b"his phone's", True),
    ],
    ids=str,
)
def test_a_token_moves_with_its_secret_or_the_servers_word(
    owner: Owner, changes: dict[str, object], secret_digest: bytes | None, *, moves: bool
) -> None:
    assert may_have(owner, msgspec.structs.replace(OTHERS, **changes), secret_digest) is moves


def test_apples_tokens_are_the_same_in_either_case_and_googles_are_not() -> None:
    assert unique("apns", "AB01") == unique("apns", "ab01")
    assert unique("fcm", "AB01") != unique("fcm", "ab01")
