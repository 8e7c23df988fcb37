import pytest

from delivery import base64url
from delivery.webpush import vapid


def test_a_generated_pair_loads_again() -> None:
    keys = vapid.generate()

    assert (len(keys.private_key), len(keys.application_server_key)) == (43, 87)
    assert base64url.decode(keys.application_server_key)[0] == 4
    assert vapid.load(keys.private_key).application_server_key == keys.application_server_key
    assert vapid.generate() != keys


def test_a_pair_is_printed_without_its_secret() -> None:
    keys = vapid.generate()

    assert keys.private_key not in repr(keys)


ORDER = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE"  # of P-256: the first number that is no private key


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("", "0 bytes"),
        ("AAAA", "3 bytes"),
        ("A" * 44, "33 bytes"),
        ("not base64 at all", "not base64url"),
        ("-----BEGIN PRIVATE KEY-----", "not base64url"),
        ("A" * 43, "not a number on the curve"),
        (ORDER, "not a number on the curve"),
    ],
)
def test_a_malformed_key_is_told_without_being_quoted(key: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as error:
        vapid.load(key)

    assert not key or key not in str(error.value)


@pytest.mark.parametrize("subject", ["mailto:ops@example.com", "https://example.com"])
def test_a_contact_is_a_subject(subject: str) -> None:
    vapid.check_subject(vapid.load(vapid.generate().private_key), subject)


@pytest.mark.parametrize("subject", ["", "ops@example.com", "https://example.com/contact", "http://example.com"])
def test_anything_else_is_no_subject(subject: str) -> None:
    with pytest.raises(ValueError, match="mailto:"):
        vapid.check_subject(vapid.load(vapid.generate().private_key), subject)
