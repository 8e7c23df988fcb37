"""The cursor's rules."""

from uuid import UUID

import pytest

from hub.cursor import Cursor, cursor_at, parse, resume

ID = UUID("01a1fb24-36c5-7a27-8d1f-8ffd5652fad8")
OTHER = UUID("01a1fb24-36c5-7a27-8d1f-8ffd5652fad9")


@pytest.mark.parametrize("cursor", [Cursor(0, ""), cursor_at(1, ID), cursor_at(10**17, ID)])
def test_what_a_client_is_given_is_understood_again(cursor: Cursor) -> None:
    assert parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "1", "-1", "0-5652fad8", "1-5652FAD8", "1-5652fad", "1-5652fad8 ", "01-5652fad8"])
def test_what_no_server_gave_out_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse(text)


def test_without_a_cursor_a_client_starts_at_the_head() -> None:
    assert resume(None, head=7, found=ID).cursor == cursor_at(7, ID)


def test_a_client_continues_after_the_entry_it_applied() -> None:
    start = resume(cursor_at(5, ID), head=7, found=ID)
    assert (start.cursor.seq, start.reset) == (5, False)


def test_another_entry_at_the_cursor_means_another_history() -> None:
    start = resume(cursor_at(5, ID), head=7, found=OTHER)
    assert (start.cursor.seq, start.reset) == (0, True)


def test_a_client_ahead_of_the_inbox_saw_what_a_restored_backup_does_not_have() -> None:
    assert resume(cursor_at(9, ID), head=7, found=None).reset


def test_an_expired_entry_at_the_cursor_is_no_disagreement() -> None:
    start = resume(cursor_at(5, ID), head=7, found=None)
    assert (start.cursor.seq, start.reset) == (5, False)
