from datetime import UTC, datetime

import msgspec
import pytest

from delivery.simulator.deliveries import Delivery
from delivery.simulator.worker import is_over_after

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def push(payload: object) -> Delivery:
    return Delivery("webpush", msgspec.Raw(msgspec.json.encode(payload)), {}, NOW)


@pytest.mark.parametrize(("unread", "goes"), [(0, True), (1, True), (2, False)])
def test_what_was_read_elsewhere_goes_when_the_next_one_arrives(unread: int, goes: bool) -> None:  # noqa: FBT001
    is_over = is_over_after(push({"seq": 5, "unread": unread}))

    assert is_over(push({"seq": 4, "unread": 1})) == goes
    assert not is_over(push({"seq": 6, "unread": 1}))


def test_another_senders_push_takes_nothing_away() -> None:
    assert not is_over_after(push("hello"))(push({"seq": 1}))
    assert not is_over_after(push({"seq": 5}))(push("hello"))
