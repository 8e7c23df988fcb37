import msgspec
import pytest

from delivery.ladder import Step
from web_demo.shop import REMINDER_LADDER, Event, draft


@pytest.mark.parametrize(("by", "to"), [("demo-ada", "demo-grace"), ("demo-grace", "demo-ada")])
def test_the_other_one_is_told(by: str, to: str) -> None:
    told = draft(msgspec.convert({"kind": "message", "by": by, "text": "Loud enough?"}, Event))

    assert (told.user_id, told.message, told.data["from"]) == (to, "Loud enough?", by)


def test_a_parcels_newest_place_replaces_the_one_before() -> None:
    steps = [draft(Event("shipped", "demo-grace", 7, step=step)) for step in range(4)]

    assert {told.collapse_key for told in steps} == {"parcel-7"}
    assert len({told.title for told in steps}) == 4


def test_a_reminder_has_a_ladder_that_a_spectator_can_follow() -> None:
    told = draft(Event("reminder", "demo-grace", 7))
    steps = msgspec.convert(told.ladder, list[Step])

    assert told.ladder == REMINDER_LADDER
    assert [step.channels for step in steps] == [["push"], ["email"], ["sms"]]
    assert [step.after_s for step in steps] == sorted(step.after_s for step in steps)
    assert steps[-1].after_s <= 15
