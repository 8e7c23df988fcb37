"""Which connections of which user this node has. Plain dictionaries, no I/O."""

from collections.abc import Iterable, KeysView

from hub.live.connection import Connection


class Registry:
    """Connections by user."""

    def __init__(self) -> None:
        self._by_user: dict[str, set[Connection]] = {}

    def add(self, connection: Connection) -> None:
        """Found by `of` from now on."""
        self._by_user.setdefault(connection.user_id, set()).add(connection)

    def remove(self, connection: Connection) -> bool:
        """True when it was the user's last one here; removing twice is harmless."""
        connections = self._by_user.get(connection.user_id)
        if connections is None or connection not in connections:
            return False
        connections.discard(connection)
        if connections:
            return False
        del self._by_user[connection.user_id]
        return True

    def of(self, user_id: str) -> Iterable[Connection]:
        """The user's connections here."""
        return self._by_user.get(user_id, ())

    def users(self) -> KeysView[str]:
        """Every user that has a connection here."""
        return self._by_user.keys()

    def all(self) -> list[Connection]:
        """Every connection; a list of its own, so that some may leave meanwhile."""
        return [connection for connections in self._by_user.values() for connection in connections]
