"""What a role may do, and what becomes of grants that another version stored."""

from collections.abc import Sequence

import pytest

from hub.roles import ROLES, SCOPES, Role, scopes_of


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("admin", " ".join(SCOPES)),
        ("sender", "send read tokens revoke sessions:write users:write topics:write"),
        ("support", "read explain replay revoke"),
        ("viewer", "read"),
    ],
)
def test_a_role_is_a_set_of_scopes(role: Role, scopes: str) -> None:
    assert ROLES[role] == scopes_of(role, None) == set(scopes.split())


@pytest.mark.parametrize(
    ("role", "scopes", "allowed"),
    [
        (None, ["send", "replay"], {"send", "replay"}),
        (None, [], set()),
        (None, ["send", "launch"], {"send"}),
        ("emperor", None, set()),
        ("", None, set()),
        ("send", None, set()),  # a scope is no role
        (None, ["admin"], set()),  # nor a role a scope
        (None, None, set()),
    ],
)
def test_what_is_not_known_allows_nothing(role: str | None, scopes: Sequence[str] | None, allowed: set[str]) -> None:
    assert scopes_of(role, scopes) == allowed
