import msgspec
import pytest

from delivery.email.account import Sender, sender, server
from delivery.email.address import Address
from delivery.email.settings import EmailSettings
from tests.delivery import pem

SETTINGS = EmailSettings(smtp_host="mail.example.com", mail_from="Shop <no-reply@example.com>")


def of(**changes: object) -> EmailSettings:
    return msgspec.structs.replace(SETTINGS, **changes)


@pytest.mark.parametrize(
    ("given", "address", "written"),
    [
        ("no-reply@example.com", "no-reply@example.com", "no-reply@example.com"),
        ("Shop <no-reply@example.com>", "no-reply@example.com", '"Shop" <no-reply@example.com>'),
        ('"Shop, Inc." <n@example.com>', "n@example.com", '"Shop, Inc." <n@example.com>'),
        ('A "B" \\ C <n@example.com>', "n@example.com", '"A \\"B\\" \\\\ C" <n@example.com>'),
        ("Bücher <n@bücher.example>", "n@xn--bcher-kva.example", "=?utf-8?b?QsO8Y2hlcg==?= <n@xn--bcher-kva.example>"),
    ],
)
def test_whom_mails_are_from(given: str, address: str, written: str) -> None:
    found = sender(of(mail_from=given))

    assert (str(found.address), found.written) == (address, written)


@pytest.mark.parametrize(
    "given",
    ["", "Shop", "Shop <>", "<n@example.com>", "zoë@example.com", "n@example.com\r\nBcc: eve@example.com", "a@b.c <x>"],
)
def test_a_sender_that_cannot_be_is_told(given: str) -> None:
    with pytest.raises(ValueError, match="HARK_MAIL_FROM is neither"):
        sender(of(mail_from=given))


@pytest.mark.parametrize("given", ["Shop\r\nBcc: eve@example.com <n@example.com>", "Shop\0 <n@example.com>"])
def test_a_senders_name_ends_no_line(given: str) -> None:
    try:
        written = sender(of(mail_from=given)).written
    except ValueError:
        return
    assert written.isprintable()


def test_the_users_id_stands_in_the_unsubscribe_url_escaped() -> None:
    found = sender(of(mail_unsubscribe_url="https://shop.example/off?user={user_id}&list=1"))

    assert found.unsubscribe_url("ada") == "https://shop.example/off?user=ada&list=1"
    assert found.unsubscribe_url("a/b?c&d>\r\né") == "https://shop.example/off?user=a%2Fb%3Fc%26d%3E%0D%0A%C3%A9&list=1"
    assert found.unsubscribe_url("👩" * 128) == ""


def test_without_a_url_there_is_nothing_to_unsubscribe_by() -> None:
    assert Sender(Address("n", "example.com"), "").unsubscribe_url("ada") == ""


@pytest.mark.parametrize(
    "given",
    [
        "https://shop.example/off",
        "http://shop.example/{user_id}",
        "https://{user_id}.example/",
        "https://shop.example/{user_id}/{user_id}",
        "https://shop.example/{user_id}/{name}",
        "https://shop.example/{user_id}>",
        "https://shop.example/{user_id}\r\nBcc:x",
        "{user_id}",
    ],
)
def test_an_unsubscribe_url_that_cannot_be_is_told(given: str) -> None:
    with pytest.raises(ValueError, match="HARK_MAIL_UNSUBSCRIBE_URL is not of the form"):
        sender(of(mail_unsubscribe_url=given))


def test_the_server_hears_the_senders_domain_or_what_is_set() -> None:
    assert server(SETTINGS).hello == "example.com"
    assert server(of(smtp_hello="hark.example.com")).hello == "hark.example.com"
    assert server(of(smtp_hello="[192.0.2.1]")).hello == "[192.0.2.1]"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_a_server_on_this_machine_may_be_spoken_to_unencrypted(host: str) -> None:
    assert server(of(smtp_host=host, smtp_security="none")).security == "none"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"smtp_host": "mail example"}, "HARK_SMTP_HOST is neither"),
        ({"smtp_host": "https://mail.example"}, "HARK_SMTP_HOST is neither"),
        ({"smtp_host": "mail..example"}, "HARK_SMTP_HOST is neither"),
        ({"smtp_host": "::" + "1" * 9}, "HARK_SMTP_HOST is neither"),
        ({"smtp_security": "none"}, "HARK_SMTP_SECURITY=none would send"),
        ({"smtp_security": "none", "smtp_host": "localhost.example.com"}, "HARK_SMTP_SECURITY=none would send"),
        ({"smtp_username": "shop"}, "HARK_SMTP_USERNAME and HARK_SMTP_PASSWORD"),
        ({"smtp_password": "secret"}, "HARK_SMTP_USERNAME and HARK_SMTP_PASSWORD"),
        ({"smtp_hello": "[192.0.2]"}, "HARK_SMTP_HELLO is neither"),
        ({"smtp_hello": "a b"}, "HARK_SMTP_HELLO is neither"),
        ({"smtp_hello": "a\r\nQUIT"}, "HARK_SMTP_HELLO is neither"),
        ({"smtp_ca": "/nowhere"}, "HARK_SMTP_CA: neither the text nor"),
        ({"smtp_ca": pem.P8}, "HARK_SMTP_CA: there is no certificate"),
    ],
)
def test_a_server_that_cannot_be_used_is_told(changes: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said) as wrong:
        server(of(**changes))

    assert "secret" not in str(wrong.value)


def test_settings_are_printed_without_the_password() -> None:
    assert "secret" not in repr(of(smtp_password="secret"))


def test_email_is_there_when_there_is_a_server() -> None:
    assert SETTINGS.configured
    assert not EmailSettings().configured
