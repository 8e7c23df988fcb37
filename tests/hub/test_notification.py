"""Entries as JSON."""

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from hub.cursor import cursor_at
from hub.draft import Draft
from hub.ids import uuid7
from hub.notification import Entry, EntryJson, entry_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.integers(1, 2**53 - 1), TEXT, TEXT, st.dictionaries(TEXT, TEXT))
def test_the_short_way_gives_what_encoding_gives(seq: int, title: str, message: str, data: dict[str, str]) -> None:
    draft = Draft(
        id=uuid7(),
        user_ids=["ada"],
        title=title,
        message=message,
        data=msgspec.json.encode(data),
        priority="high",
        sender="test",
    )
    created_at = datetime(2026, 11, 20, 12, 30, 0, 123456, tzinfo=UTC)
    encoded = Entry(
        seq=seq,
        id=draft.id,
        title=title,
        message=message,
        data=msgspec.Raw(draft.data),
        priority="high",
        created_at=created_at,
        cursor=str(cursor_at(seq, draft.id)),
    )
    assert EntryJson(draft, created_at).at(seq) == entry_json(encoded)
