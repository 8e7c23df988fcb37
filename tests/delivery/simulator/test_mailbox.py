import pytest

from delivery.simulator.mailbox import mailbox_id


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada@EXAMPLE.com", "ada@example.com"),
        ("zoë@Bücher.example", "zoë@xn--bcher-kva.example"),
        ("ada@-ä.example", "ada@-ä.example"),
        ("ada", None),
        ("@example.com", None),
        ("ada@", None),
        ("a\0b@example.com", None),
        ("ab" * 32, None),
    ],
)
def test_an_address_has_one_mailbox_however_it_is_written(address: str, mailbox: str | None) -> None:
    assert mailbox_id(address) == mailbox
