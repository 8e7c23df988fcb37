"""Which connections of which user this node has. Plain dictionaries, no I/O."""

from collections.abc import Collection, KeysView

from hub.live.connection import Connection


class Registry:
    """Connections by user. Most users have one: it stands by itself, a set would weigh as much as the connection."""

    def __init__(self) -> None:
        self._by_user: dict[str, Connection | set[Connection]] = {}

    def add(self, connection: Connection) -> None:
        """Found by `of` from now on."""
        held = self._by_user.setdefault(connection.user_id, connection)
        if isinstance(held, set):
            held.add(connection)
        elif held is not connection:
            self._by_user[connection.user_id] = {held, connection}

    def remove(self, connection: Connection) -> bool:
        """True when it was the user's last one here; removing twice is harmless."""
        held = self._by_user.get(connection.user_id)
        if isinstance(held, set):
            held.discard(connection)
            if len(held) == 1:
                self._by_user[connection.user_id] = held.pop()
            return False
        if held is not connection:
            return False
        del self._by_user[connection.user_id]
        return True

    def of(self, user_id: str) -> Collection[Connection]:
        """The user's connections here."""
        held = self._by_user.get(user_id)
        if held is None:
            return ()
        return held if isinstance(held, set) else (held,)

    def users(self) -> KeysView[str]:
        """Every user that has a connection here."""
        return self._by_user.keys()
