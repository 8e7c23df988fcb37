"""How a statement that changes entries leaves word for webhooks: itself, so that there is both or neither."""

from delivery.webhook.event import EventType

# Without an enabled webhook the last condition, which depends on no row, is false, and Postgres looks at none of the
# rows ("One-Time Filter"). It holds in the statement's own snapshot: an event that was missed happened before the
# webhook was committed, or at the same time. A flag that processes remember would have to be waited for.
_TELLING = """
    insert into webhook_events (webhook_id, type, data)
    select w.id, '{event}', json_build_object(
        'notification_id', t.notification_id, 'user_id', t.user_id, 'seq', t.seq{more}
    )
    from {told} t cross join webhooks w
    where {where} and w.disabled_at is null and (w.events is null or '{event}' = any(w.events))
          and exists (select from webhooks where disabled_at is null)
"""


def telling(event: EventType, *, told: str, where: str, more: str = "") -> str:
    """An INSERT of an event for each row of `told` that fits, and each webhook that wants it.

    `told` is a CTE with user_id, seq and notification_id; in `where` and `more` its rows are called t. `more` goes on
    with pairs of a name and a value: ", 'failure', t.failure".
    """
    return _TELLING.format(event=event, told=told, where=where, more=more)


def with_events(statement: str, **parts: str) -> str:
    """The statement with its parts, an INSERT of `telling` or another, at each {name}."""
    return statement.format(**parts)
