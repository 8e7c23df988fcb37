from pathlib import Path

import msgspec
import pytest

from delivery.fcm.credentials import GOOGLE, load, origin
from delivery.fcm.settings import FcmSettings
from tests.delivery import pem

ACCOUNT = {
    "type": "service_account",
    "project_id": "shop-1",
    "private_key_id": "1",
    "private_key": pem.RSA,
    "client_email": "sender@shop-1.iam.gserviceaccount.com",
    "token_uri": "https://oauth2.googleapis.com/token",
}


def text(**changes: object) -> str:
    return msgspec.json.encode(
        {name: value for name, value in (ACCOUNT | changes).items() if value is not None}
    ).decode()


def test_one_project_is_for_every_session(tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text(text())

    for given in (text(), str(tmp_path / "account.json")):
        assert {app: each.project_id for app, each in load(FcmSettings(fcm_credentials=given)).items()} == {
            "": "shop-1"
        }


def test_apps_have_projects_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "blog.json").write_text(text(project_id="blog-1"))
    apps = msgspec.json.encode({"blog": str(tmp_path / "blog.json"), "shop": text()}).decode()

    loaded = load(FcmSettings(fcm_credentials=text(project_id="other"), fcm_apps=apps))

    assert {app: each.project_id for app, each in loaded.items()} == {"blog": "blog-1", "shop": "shop-1", "": "other"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (FcmSettings(fcm_credentials="/nowhere.json"), "HARK_FCM_CREDENTIALS: neither"),
        (FcmSettings(fcm_credentials="{}"), "HARK_FCM_CREDENTIALS: Object missing required field `project_id`"),
        (FcmSettings(fcm_credentials="{"), "HARK_FCM_CREDENTIALS: Input data was truncated"),
        (FcmSettings(fcm_credentials=text(private_key=None)), "missing required field `private_key`"),
        (FcmSettings(fcm_credentials=text(private_key="secret")), "HARK_FCM_CREDENTIALS: there is no private key"),
        (FcmSettings(fcm_apps="[]"), "HARK_FCM_APPS: neither"),
        (FcmSettings(fcm_apps='{"a":1}'), "HARK_FCM_APPS: Expected `str`, got `int`"),
        (FcmSettings(fcm_apps='{"a":"/nowhere.json"}'), "HARK_FCM_APPS, 'a': neither"),
    ],
)
def test_a_wrong_credential_is_told_by_its_setting_and_not_quoted(settings: FcmSettings, told: str) -> None:
    with pytest.raises(ValueError, match="HARK_FCM") as wrong:
        load(settings)

    assert told in str(wrong.value)
    assert "\n" not in str(wrong.value)
    assert "secret" not in str(wrong.value)


def test_another_server_may_stand_in_for_googles() -> None:
    assert origin(FcmSettings()) == GOOGLE
    assert origin(FcmSettings(fcm_url="http://127.0.0.1:8090/")) == "http://127.0.0.1:8090"
    with pytest.raises(ValueError, match="HARK_FCM_URL"):
        origin(FcmSettings(fcm_url="127.0.0.1"))


def test_secrets_are_not_printed() -> None:
    settings = FcmSettings(fcm_credentials=text())

    assert "BEGIN" not in repr(settings) + repr(load(settings))
    assert settings.configured
    assert not FcmSettings().configured
