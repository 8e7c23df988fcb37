"""What an API key may do: scopes, and roles, which are sets of them with a name."""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, get_args

# Named by what they touch and, where reading is another matter, by `write`. docs/security.md lists their calls.
Scope: TypeAlias = Literal[
    "send",  # notifications, and messages to whoever is looking; taking them back
    "read",  # everything that is kept and shown, people's inboxes included; no secrets
    "explain",  # why somebody did or did not get a notification, or would not
    "replay",  # a second chance for what nobody took
    "tokens",  # user tokens: a device with one is that user
    "revoke",  # the end of user tokens before their time
    "sessions:write",  # which devices are reached
    "users:write",  # mail addresses and phone numbers
    "topics:write",  # topics and who belongs to them
    "webhooks:write",  # where events go, and the secrets that sign them
]
Role: TypeAlias = Literal["admin", "sender", "support", "viewer"]
Grant: TypeAlias = Role | frozenset[Scope]  # what a key is given: a role, whatever later versions make of it, or scopes

SCOPES: tuple[Scope, ...] = get_args(Scope)
ROLES: Mapping[Role, frozenset[Scope]] = {
    "admin": frozenset(SCOPES),
    # The back end of an application: all that it does for its own users. It does not say where events go.
    "sender": frozenset({"send", "read", "tokens", "revoke", "sessions:write", "users:write", "topics:write"}),
    # People who answer users: they look, try again what was sent before, and sign out; they send nothing of their own.
    "support": frozenset({"read", "explain", "replay", "revoke"}),
    # Dashboards.
    "viewer": frozenset({"read"}),
}


def is_back_end(scopes: frozenset[Scope]) -> bool:
    """Whether a key is an application's own: it sends, and answers nobody's questions. What it reads it wrote."""
    return "send" in scopes and "explain" not in scopes


def scopes_of(role: str | None, scopes: Iterable[str] | None) -> frozenset[Scope]:
    """What a stored grant allows. Names that this version does not know, those of a newer one, allow nothing."""
    if role is not None:
        return next((allowed for name, allowed in ROLES.items() if name == role), frozenset())
    given = frozenset(scopes or ())
    return frozenset(scope for scope in SCOPES if scope in given)
