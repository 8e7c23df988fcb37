import msgspec
from hypothesis import given
from hypothesis import strategies as st

from delivery.collapse import collapse_tag
from delivery.message import Message
from delivery.webpush.payload import LIMIT_BYTES, payload
from tests.delivery.sample import PLAIN


def read(body: bytes) -> dict[str, object]:
    return msgspec.json.decode(body, type=dict[str, object])


def test_a_message_that_fits_is_sent_whole() -> None:
    assert read(payload(PLAIN)) == {
        "id": "01JD-order-shipped",
        "seq": 7,
        "cursor": "7-01JD",
        "title": "Shipped",
        "message": "Your order is on its way",
        "data": {"order": 42},
        "unread": 3,
    }


def test_what_has_a_collapse_key_has_a_tag_of_its_own() -> None:
    keyed = msgspec.structs.replace(PLAIN, collapse_key="order-42")

    assert read(payload(keyed)) == read(payload(PLAIN)) | {"tag": collapse_tag(keyed)}


def test_data_goes_first_and_is_missed() -> None:
    big = msgspec.structs.replace(PLAIN, data=msgspec.Raw(b'{"x":"' + b"x" * 4000 + b'"}'))

    assert read(payload(big)) == read(payload(PLAIN)) | {"data": {}, "truncated": True}


def test_a_long_message_loses_its_end_and_fills_the_rest() -> None:
    body = payload(msgspec.structs.replace(PLAIN, message="x" * 5000))
    shown = read(body)

    assert len(body) == LIMIT_BYTES
    assert shown["message"] == "x" * (len(str(shown["message"])) - 1) + "…"
    assert (shown["title"], shown["truncated"]) == ("Shipped", True)


def test_a_long_title_is_cut_last() -> None:
    body = payload(msgspec.structs.replace(PLAIN, title="t" * 5000))
    shown = read(body)

    assert len(body) == LIMIT_BYTES
    assert shown["message"] == "…"
    assert str(shown["title"]).endswith("t…")


def test_a_title_that_is_cut_brings_no_message_of_its_own() -> None:
    shown = read(payload(msgspec.structs.replace(PLAIN, title="t" * 5000, message="")))

    assert shown["message"] == ""


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(ANY_TEXT, ANY_TEXT, st.integers(0, 120), st.integers(0, 120), st.sampled_from([0, 2000]))
def test_whatever_the_text_it_is_json_that_fits(
    title: str, text: str, titles: int, texts: int, data_length: int
) -> None:
    message = msgspec.structs.replace(
        PLAIN,
        title=title * titles,
        message=text * texts,
        data=msgspec.Raw(msgspec.json.encode({"x": "é" * data_length})),
    )
    body = payload(message)
    shown = read(body)

    assert len(body) <= LIMIT_BYTES
    assert shown["id"] == message.notification_id
    assert shown.get("truncated") or whole(shown, message)


def whole(shown: dict[str, object], message: Message) -> bool:
    return (shown["title"], shown["message"]) == (message.title, message.message)
