"""Settings from the environment."""

from pathlib import Path
from urllib.parse import quote

import pytest

from hub import settings
from hub.settings import SettingsError
from tests.hub.urls import ipv6_among_others

NEEDED = {
    "HARK_DATABASE_URL": "postgresql://localhost/hark",
    "HARK_REDIS_URL": "redis://localhost",
    "HARK_TOKEN_SECRET": "a secret of at least 32 characters",
}


def test_defaults_are_enough_beside_the_two_urls_and_the_secret() -> None:
    read = settings.load(NEEDED | {"PATH": "/bin"})
    assert (read.hub.port, read.hub.ack_deadline_s) == (8080, 5.0)


def test_what_a_customer_of_a_hub_sets_is_nothing_to_the_hub() -> None:
    assert settings.load(NEEDED | {"HARK_URL": "http://hub", "HARK_API_KEY": "hark_0_x"}) == settings.load(NEEDED)


def test_texts_become_numbers_and_lists() -> None:
    read = settings.load(NEEDED | {"HARK_PORT": "9000", "HARK_ALLOWED_ORIGINS": "https://a.example, https://b.example"})
    assert read.hub.port == 9000
    assert read.hub.allowed_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"HARK_PROT": "9000"}, "HARK_PROT is not a setting"),
        ({"HARK_PORT": "ninety"}, "HARK_PORT: Expected `int`"),
        ({"HARK_PORT": "99999"}, "HARK_PORT: Expected `int` <= 65535"),
        ({"HARK_LOG_FORMAT": "xml"}, "HARK_LOG_FORMAT: Invalid enum value 'xml'"),
        ({"HARK_DATABASE_URL": "mysql://localhost"}, "HARK_DATABASE_URL: Expected `str` matching regex"),
        ({"HARK_REDIS_URL": "redis://[::1"}, "HARK_REDIS_URL is no URL"),
        ({"HARK_REDIS_URL": "redis://[f]"}, "HARK_REDIS_URL is no URL"),
        ({"HARK_VAPID_PRIVATE_KEY": "short"}, "the VAPID private key"),
        ({"HARK_VAPID_PRIVATE_KEY": "WGEfsNw-QJGEXTIOUSu3sCm8WFrx3PgAyrIr3yJne3A"}, "the VAPID subject must be"),
        ({"HARK_PUSH_SERVICES": "push.example"}, "HARK_PUSH_SERVICES"),
        ({"HARK_TOKEN_SECRET": "short"}, "HARK_TOKEN_SECRET: Expected `str` of length >= 32"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(change: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError) as stopped:
        settings.load(NEEDED | change)
    assert told in str(stopped.value)
    assert "\n" not in str(stopped.value)


@pytest.mark.parametrize("url", ["postgresql://hark:{}@127.0.0.1:5432/hark", "redis://:{}@127.0.0.1:6379/0"])
@pytest.mark.parametrize(
    "password", ["canary/x", "canary?x", "canary#x", "canary[x", "canary[x]", "1/canary", "canary/"]
)
def test_a_password_that_is_no_part_of_a_url_is_not_quoted(url: str, password: str) -> None:
    name = "HARK_REDIS_URL" if url.startswith("redis") else "HARK_DATABASE_URL"
    with pytest.raises(SettingsError, match=f"{name} is no URL") as stopped:
        settings.load(NEEDED | {name: url.format(password)})
    assert "canary" not in str(stopped.value)
    settings.load(NEEDED | {name: url.format(quote(password, safe=""))})


@pytest.mark.parametrize(
    "url",
    [
        "postgres:///hark",
        "postgresql://hark@/hark?host=/run/postgresql",
        "postgresql://hark:p@ss@one:5432,two:5433/hark?sslmode=verify-full&sslrootcert=/a@b",
        pytest.param(
            "postgresql://hark:p@ss@one:5432,two:5433,[::1]:5434/hark?sslmode=verify-full&sslrootcert=/a@b",
            marks=ipv6_among_others,
        ),
        "postgresql://%2Frun%2Fpostgresql/hark",
    ],
)
def test_postgres_is_named_in_its_many_ways(url: str) -> None:
    assert settings.load(NEEDED | {"HARK_DATABASE_URL": url}).hub.database_url == url


@pytest.mark.parametrize(
    "url", ["unix:///run/a@b.sock?db=1", "unix://hark:secret@/run/redis.sock", "redis://hark:p@ss@[fe80::1%eth0]:6379"]
)
def test_redis_is_named_in_its_many_ways(url: str) -> None:
    assert settings.load(NEEDED | {"HARK_REDIS_URL": url}).hub.redis_url == url


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("rediss://redis", "rediss://redis?ssl_check_hostname=true"),
        ("rediss://redis/0?ssl_ca_certs=/ca", "rediss://redis/0?ssl_ca_certs=/ca&ssl_check_hostname=true"),
        ("rediss://redis?ssl_check_hostname=false", "rediss://redis?ssl_check_hostname=false"),
    ],
)
def test_the_name_in_a_certificate_of_redis_is_looked_at_unless_it_is_said_not_to(url: str, read: str) -> None:
    assert settings.load(NEEDED | {"HARK_REDIS_URL": url}).hub.redis_url == read


def test_settings_are_printed_without_what_is_secret() -> None:
    secret = {
        "HARK_DATABASE_URL": "postgresql://hark:canary@localhost/hark",
        "HARK_REDIS_URL": "redis://:canary@localhost",
        "HARK_TOKEN_SECRET": "canary" * 8,
        "HARK_ENCRYPTION_KEYS": "canary",
        "HARK_DEMO_API_KEY": "canary",
        "HARK_APNS_KEY": "canary",
        "HARK_APNS_CERTIFICATE": "canary",
        "HARK_APNS_APPS": "canary",
        "HARK_FCM_CREDENTIALS": "canary",
        "HARK_FCM_APPS": "canary",
        "HARK_CHAT_SERVICES": "canary",
        "HARK_SMTP_PASSWORD": "canary",
        "HARK_TWILIO_AUTH_TOKEN": "canary",
    }
    assert "canary" not in repr(settings.load(secret))


def test_a_missing_setting_is_told_with_its_meaning() -> None:
    with pytest.raises(SettingsError, match="HARK_REDIS_URL is missing: Redis 7 or Valkey"):
        settings.load({name: value for name, value in NEEDED.items() if name != "HARK_REDIS_URL"})


def test_the_example_file_lists_every_setting() -> None:
    assert Path(".env.example").read_text() == settings.example()
