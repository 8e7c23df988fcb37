"""Which tokens a revocation covers."""

from datetime import UTC, datetime

import pytest

from sessions.revocations import Kind, Revocation, Revocations
from sessions.user_tokens import TokenExpired, TokenRevoked, UserToken, UserTokens, UserTokenSettings

T = 1_000_000.0
NEVER = datetime.max.replace(tzinfo=UTC)


def token(*, at: float = T, user: str = "ada", session: str = "laptop", id_: str = "1") -> UserToken:
    return UserToken(user, NEVER, issued_at=at, token_id=id_, session_id=session)


def revoked(*kinds: tuple[Kind, str]) -> Revocations:
    found = Revocations()
    found.note(Revocation(kind, subject, T, T + 100) for kind, subject in kinds)
    return found


@pytest.mark.parametrize("kind", [("user", "ada"), ("session", "laptop")])
def test_those_that_were_issued_before_it(kind: tuple[Kind, str]) -> None:
    found = revoked(kind)
    assert found.covers(token(at=T - 0.001))
    assert found.covers(token(at=0.0))  # it does not say
    assert not found.covers(token(at=T))
    assert not found.covers(token(at=T - 1, user="grace", session="phone"))


def test_one_token_whenever_it_says_that_it_was_issued() -> None:
    found = revoked(("token", "1"))
    assert found.covers(token(at=T + 50))
    assert not found.covers(token(at=T - 1, id_="2"))


def test_a_token_that_says_nothing_is_no_session_and_has_no_id() -> None:
    assert not revoked(("session", "laptop"), ("token", "1")).covers(UserToken("ada", NEVER))


def test_names_of_one_kind_are_none_of_another() -> None:
    assert not revoked(("session", "ada"), ("user", "laptop"), ("user", "1")).covers(token(at=0.0))


def test_what_is_undone_covers_nothing_any_more_and_the_rest_stays() -> None:
    each: list[tuple[Kind, str]] = [("user", "ada"), ("session", "laptop"), ("token", "1")]
    found = revoked(*each)
    for kind, subject in each:
        assert found.covers(token(at=0.0))
        found.note([Revocation(kind, subject, T, T + 100, undone=True)])
    assert not found.covers(token(at=0.0))
    found.note([Revocation("user", "nobody", T, T + 100, undone=True)])


def test_it_is_forgotten_in_time() -> None:
    found = revoked(("user", "ada"), ("token", "1"))
    found.forget(T + 99)
    assert found.covers(token(at=0.0))
    found.forget(T + 100)
    assert not found.covers(token(at=0.0))


def test_a_revoked_token_is_one_whose_time_is_over() -> None:
    tokens = UserTokens(UserTokenSettings(token_secret="a secret of at least 32 characters"))
    minted = tokens.mint("ada", (), now=datetime.now(UTC))
    assert tokens.verify(minted).user_id == "ada"
    tokens.revocations.note([Revocation("user", "ada", 2 * T**2, 2 * T**2)])
    with pytest.raises(TokenRevoked, match="revoked") as refused:
        tokens.verify(minted)
    assert isinstance(refused.value, TokenExpired)
