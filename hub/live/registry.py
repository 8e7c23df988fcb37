"""Which connections of which user this node has. Plain dictionaries, no I/O."""

from collections.abc import Collection, KeysView

from hub.live.connection import Connection


class Registry:
    """Connections by user. Most users have one: it stands by itself, a dict would weigh as much as the connection."""

    def __init__(self) -> None:
        self._by_user: dict[str, Connection | dict[Connection, None]] = {}

    def add(self, connection: Connection) -> None:
        """Found by `of` from now on."""
        held = self._by_user.setdefault(connection.user_id, connection)
        if isinstance(held, dict):
            held[connection] = None
        elif held is not connection:
            self._by_user[connection.user_id] = {held: None, connection: None}

    def remove(self, connection: Connection) -> bool:
        """True when it was the user's last one here; removing twice is harmless."""
        held = self._by_user.get(connection.user_id)
        if isinstance(held, dict):
            held.pop(connection, None)
            if len(held) == 1:
                [self._by_user[connection.user_id]] = held
            return False
        if held is not connection:
            return False
        del self._by_user[connection.user_id]
        return True

    def of(self, user_id: str) -> Collection[Connection]:
        """The user's connections here, oldest first."""
        held = self._by_user.get(user_id)
        if held is None:
            return ()
        return held if isinstance(held, dict) else (held,)

    def users(self) -> KeysView[str]:
        """Every user that has a connection here."""
        return self._by_user.keys()

    def all(self) -> list[Connection]:
        """Every connection; a list of its own, so that some may leave meanwhile."""
        return [connection for user_id in self._by_user for connection in self.of(user_id)]
