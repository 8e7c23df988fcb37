from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from delivery.apns.credentials import Credential, authority, load
from delivery.apns.identity import ClientCertificate, SigningKey
from delivery.apns.settings import ApnsSettings
from delivery.apps import choose
from tests.delivery import pem

ONE_APP = ApnsSettings(
    apns_key=pem.P8, apns_key_id="ABC123DEFG", apns_team_id="TEAM567890", apns_topic="com.example.shop"
)
KEY = SigningKey(pem.P8.strip(), "ABC123DEFG", "TEAM567890")
WITH_KEY = pem.certificate() + pem.P8


def of(settings: ApnsSettings = ONE_APP, **changes: object) -> ApnsSettings:
    return msgspec.structs.replace(settings, **changes)


def apps(**named: dict[str, str]) -> str:
    return msgspec.json.encode(named).decode()


def test_one_app_is_for_every_session() -> None:
    loaded = load(ONE_APP)

    assert loaded == {"": Credential(KEY, "com.example.shop", "https://api.push.apple.com")}
    assert choose(loaded, "") == choose(loaded, "any") == loaded[""]


def test_the_sandbox_is_another_server() -> None:
    assert load(of(apns_environment="sandbox"))[""].origin == "https://api.sandbox.push.apple.com"
    assert load(of(apns_url="https://127.0.0.1:8443/"))[""].origin == "https://127.0.0.1:8443"


def test_a_key_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "AuthKey.p8").write_text(pem.P8)

    assert load(of(apns_key=str(tmp_path / "AuthKey.p8")))[""].identity == KEY


def test_a_certificate_brings_its_topic() -> None:
    loaded = load(ApnsSettings(apns_certificate=WITH_KEY))

    assert loaded[""] == Credential(
        ClientCertificate(WITH_KEY.strip()), "com.example.shop", "https://api.push.apple.com"
    )
    assert (
        load(ApnsSettings(apns_certificate=WITH_KEY, apns_topic="com.example.other"))[""].topic == "com.example.other"
    )


def test_apps_take_what_they_leave_out_from_above() -> None:
    named = apps(shop={"topic": "com.example.shop"}, trial={"topic": "com.example.trial", "environment": "sandbox"})
    loaded = load(of(apns_topic="", apns_apps=named))

    assert loaded == {
        "shop": Credential(KEY, "com.example.shop", "https://api.push.apple.com"),
        "trial": Credential(KEY, "com.example.trial", "https://api.sandbox.push.apple.com"),
    }


def test_an_app_may_have_an_identity_of_its_own() -> None:
    named = apps(
        other={"key": pem.OTHER_P8, "key_id": "OTHER12345"},
        old={"certificate": pem.certificate(topic="com.example.old") + pem.P8},
    )
    loaded = load(of(apns_apps=named))

    assert loaded["other"].identity == SigningKey(pem.OTHER_P8.strip(), "OTHER12345", "TEAM567890")
    assert isinstance(loaded["old"].identity, ClientCertificate)
    assert loaded["old"].topic == "com.example.old"
    assert loaded[""].identity == KEY


def test_where_apps_are_named_no_session_is_taken_for_another_apps() -> None:
    loaded = load(of(apns_apps=apps(shop={"topic": "com.example.shop2"})))

    assert choose(loaded, "shop") == loaded["shop"]
    assert choose(loaded, "") == loaded[""]
    assert choose(loaded, "unheard of") is None


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (of(apns_key="/nowhere/AuthKey.p8"), "HARK_APNS_KEY: neither"),
        (of(apns_key="-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"), "HARK_APNS_KEY: there is no priv"),
        (of(apns_key=pem.RSA), "HARK_APNS_KEY is not a key on P-256"),
        (of(apns_key=pem.ON_ANOTHER_CURVE), "HARK_APNS_KEY is not a key on P-256"),
        (of(apns_key=pem.ENCRYPTED), "HARK_APNS_KEY: the private key is encrypted"),
        (of(apns_key_id=""), "HARK_APNS_KEY_ID is not 10"),
        (of(apns_team_id="team567890"), "HARK_APNS_TEAM_ID is not 10"),
        (of(apns_topic=""), "HARK_APNS_TOPIC is not a bundle id"),
        (of(apns_topic="a\r\nb"), "HARK_APNS_TOPIC is not a bundle id"),
        (of(apns_url="http://127.0.0.1"), "HARK_APNS_URL is not of the form"),
        (of(apns_certificate=WITH_KEY), "HARK_APNS_KEY and HARK_APNS_CERTIFICATE: only one"),
        (ApnsSettings(apns_certificate=pem.P8), "HARK_APNS_CERTIFICATE: there is no certificate"),
        (ApnsSettings(apns_certificate=pem.certificate()), "HARK_APNS_CERTIFICATE: there is no private key"),
        (ApnsSettings(apns_certificate=pem.certificate() + pem.OTHER_P8), "is not the certificate's"),
        (ApnsSettings(apns_certificate=pem.certificate(topic=None) + pem.P8), "HARK_APNS_TOPIC is not a bundle id"),
        (
            ApnsSettings(apns_certificate=pem.certificate(ends=pem.NOW - timedelta(days=1)) + pem.P8),
            "HARK_APNS_CERTIFICATE expired on 2",
        ),
        (of(apns_apps="/nowhere/apps.json"), "HARK_APNS_APPS: neither"),
        (of(apns_apps='{"shop":{"tpic":"x"}}'), "HARK_APNS_APPS: Object contains unknown field `tpic`"),
        (of(apns_apps='{"shop":{"topic":"a b"}}'), "HARK_APNS_APPS, 'shop': topic is not a bundle id"),
        (of(apns_apps=apps(shop={"key": pem.RSA, "key_id": "ABC123DEFG"})), "HARK_APNS_APPS, 'shop': key is not a key"),
        (of(apns_apps=apps(shop={"key": pem.OTHER_P8})), "HARK_APNS_APPS, 'shop': key_id is not 10"),
        (ApnsSettings(apns_apps='{"shop":{"topic":"a"}}'), "HARK_APNS_APPS, 'shop': key or HARK_APNS_APPS, 'shop': c"),
        (ApnsSettings(), "HARK_APNS_KEY or HARK_APNS_CERTIFICATE is missing"),
    ],
)
def test_a_wrong_credential_is_told_by_its_setting_and_not_quoted(settings: ApnsSettings, told: str) -> None:
    with pytest.raises(ValueError, match="HARK_APNS") as wrong:
        load(settings)

    assert told in str(wrong.value)
    assert "\n" not in str(wrong.value)
    assert "BEGIN" not in str(wrong.value)


def test_an_authority_is_read_at_the_start() -> None:
    certificate = pem.certificate()

    assert authority(of(apns_ca=certificate)) == certificate.strip().encode()
    assert authority(ONE_APP) == b""
    with pytest.raises(ValueError, match="HARK_APNS_CA: there is no certificate"):
        authority(of(apns_ca=pem.P8))


def test_settings_are_printed_without_secrets() -> None:
    assert "BEGIN" not in repr(of(apns_certificate=WITH_KEY, apns_apps=apps(a={"key": pem.P8})))


@pytest.mark.parametrize(
    ("settings", "configured"),
    [
        (ApnsSettings(), False),
        (ApnsSettings(apns_topic="com.example.shop"), False),
        (ONE_APP, True),
        (ApnsSettings(apns_certificate="x"), True),
        (ApnsSettings(apns_apps="x"), True),
    ],
)
def test_apns_is_there_when_there_is_a_credential(settings: ApnsSettings, *, configured: bool) -> None:
    assert settings.configured is configured
