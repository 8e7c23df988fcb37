"""What is cleared now, what later, and what by others. Pure."""

from uuid import UUID

from delivery.clearing import Past
from hub.store.clearings import OnScreen
from jobs.screens import screens

PHONE, TABLET = UUID(int=1), UUID(int=2)
ID = UUID(int=9)


def on(
    session_id: UUID, seq: int, *, in_flight: bool = False, replaced: bool = False, may_be_replaced: bool = False
) -> OnScreen:
    return OnScreen("ada", seq, ID, None, session_id, in_flight, replaced, may_be_replaced)


def past(*seqs: int) -> list[Past]:
    return [Past(seq, str(ID)) for seq in seqs]


def test_each_device_is_told_of_what_it_was_sent_the_newest_first() -> None:
    found = screens([on(PHONE, 1), on(PHONE, 3), on(TABLET, 3)])

    assert found.past == {PHONE: past(3, 1), TABLET: past(3)}
    assert found.waiting == set()


def test_two_attempts_at_one_device_are_one_push() -> None:
    assert screens([on(PHONE, 1), on(PHONE, 1)]).past == {PHONE: past(1)}


def test_a_push_on_its_way_is_waited_for_there_and_nowhere_else() -> None:
    found = screens([on(PHONE, 1), on(PHONE, 1, in_flight=True), on(PHONE, 2), on(TABLET, 1)])

    assert found.past == {PHONE: past(2), TABLET: past(1)}
    assert found.waiting == {1}


def test_what_stands_in_its_place_stays() -> None:
    assert screens([on(PHONE, 1, replaced=True)]) == ({}, set())
    assert screens([on(PHONE, 1, may_be_replaced=True)]) == ({}, {1})
