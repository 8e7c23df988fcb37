"""`hark check`: each rule finds what it is for, and is silent where all is well."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import msgspec
import pytest

from delivery.webpush import vapid
from hub import settings
from hub.check import database, entrance, files, outside, secrecy, stores
from hub.check.finding import Finding
from hub.roles import SCOPES
from hub.store.api_keys import ApiKey
from tests.encryption import ENCRYPTION_KEYS
from tests.hub.urls import ipv6_among_others

KEYS = "2026-11-21-7c1d:nD0m5pJ1xQk9Q3vQ3b0sYy1gE6s9y2bZ4cVtHn8rLwM,lookup:7hXq2Tt0Jw5oB9rKc3YzNf6uVgPq8sDdL1mEaRi4WkU"
GOOD = {
    "HARK_DATABASE_URL": "postgres://hark:nB9x2Lq7@db.internal/hark?sslmode=verify-full",
    "HARK_REDIS_URL": "rediss://:nB9x2Lq7@redis.internal",
    "HARK_TOKEN_SECRET": "pT0mBpTqGz6rVUu3x1uyJzqV8l7cIuVbUj0l4m9H",
    "HARK_ENCRYPTION_KEYS": KEYS,
    "HARK_ALLOWED_ORIGINS": "https://shop.example,https://shop.example:8443,http://localhost:3000",
    "HARK_VAPID_PRIVATE_KEY": vapid.generate().private_key,
    "HARK_VAPID_SUBJECT": "mailto:push@shop.example",
    "HARK_APNS_KEY": "apns.p8",
    "HARK_FCM_CREDENTIALS": "fcm.json",
    "HARK_SMTP_HOST": "mail.shop.example",
    "HARK_TWILIO_ACCOUNT_SID": "AC",
    "HARK_WEBHOOK_ALLOWED_NETWORKS": "10.1.0.0/16",
}
WARNED = ["warning HARK_DATABASE_URL"]
URL = "https://push.shop.example"


def found(env: dict[str, str], url: str = URL, of_postgres: Mapping[str, str] = MappingProxyType({})) -> list[Finding]:
    read = settings.load(GOOD | env)
    return [
        *entrance.findings(read, url),
        *secrecy.findings(read),
        *stores.findings(read, of_postgres),
        *outside.findings(read),
    ]


def test_a_deployment_that_is_well_has_nothing_to_hear() -> None:
    assert found({}) == []
    on_one_machine = {
        "HARK_DATABASE_URL": "postgres://hark@/hark?host=/var/run/postgresql",
        "HARK_REDIS_URL": "unix:///run/redis.sock",
    }
    assert found(on_one_machine) == []
    assert found({"HARK_DATABASE_URL": "postgres://hark@[::1]/hark", "HARK_REDIS_URL": "redis://127.0.0.1"}) == []


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"HARK_HOST": "10.1.2.3"}, ["warning HARK_HOST"]),
        ({"HARK_HOST": "::", "HARK_WORKER_PORT": "9100"}, ["warning HARK_HOST", "warning HARK_WORKER_PORT"]),
        ({"HARK_WORKER_PORT": "9100"}, []),
        ({"HARK_TRUSTED_PROXIES": "::/0"}, ["error HARK_TRUSTED_PROXIES"]),
        ({"HARK_DEMO_API_KEY": "hark_x_y"}, ["warning HARK_DEMO_API_KEY"]),
        ({"HARK_DEMO_API_KEY": "hark_x_y", "HARK_HOST": "10.1.2.3"}, ["error HARK_DEMO_API_KEY", "warning HARK_HOST"]),
        ({"HARK_ALLOWED_ORIGINS": "null"}, ["error HARK_ALLOWED_ORIGINS"]),
        ({"HARK_ALLOWED_ORIGINS": "*"}, ["error HARK_ALLOWED_ORIGINS"]),
        ({"HARK_ALLOWED_ORIGINS": "https://*.shop.example"}, ["error HARK_ALLOWED_ORIGINS"]),
        ({"HARK_ALLOWED_ORIGINS": "https://shop.example/"}, ["error HARK_ALLOWED_ORIGINS"]),
        ({"HARK_ALLOWED_ORIGINS": "https://Shop.example"}, ["error HARK_ALLOWED_ORIGINS"]),
        ({"HARK_ALLOWED_ORIGINS": "shop.example"}, ["error HARK_ALLOWED_ORIGINS"]),
        ({"HARK_ALLOWED_ORIGINS": "http://shop.example"}, ["warning HARK_ALLOWED_ORIGINS"]),
        ({"HARK_KEY_RATE": "0", "HARK_USER_RATE": "0"}, ["warning HARK_KEY_RATE", "warning HARK_USER_RATE"]),
        ({"HARK_ADDRESS_RATE": "0"}, ["warning HARK_ADDRESS_RATE"]),
        ({"HARK_TOKEN_SECRET": "a secret of at least 32 characters"}, ["error HARK_TOKEN_SECRET"]),
        ({"HARK_TOKEN_SECRET": "x" * 64}, ["error HARK_TOKEN_SECRET"]),
        ({"HARK_ENCRYPTION_KEYS": ""}, ["error HARK_ENCRYPTION_KEYS"]),
        ({"HARK_TOKEN_SECRET": "CHANGE-ME-Aq9Lx7Rt2Vw4Bn6Mk8Jp3Hd5"}, ["error HARK_TOKEN_SECRET"]),
        ({"HARK_TOKEN_SECRET": "5f2c9a7e1b3d8046" * 2}, []),
        ({"HARK_TOKEN_TTL_S": "86401"}, ["warning HARK_TOKEN_TTL_S"]),
        ({"HARK_LOG_LEVEL": "warning"}, ["warning HARK_LOG_LEVEL"]),
        ({"HARK_DATABASE_URL": "postgres://postgres:x@localhost/hark"}, ["warning HARK_DATABASE_URL"]),
        ({"HARK_DATABASE_URL": "postgres://hark@db/hark?sslmode=require"}, ["error HARK_DATABASE_URL"]),
        ({"HARK_DATABASE_URL": "postgres://hark@db/hark?sslmode=require&sslcert=x"}, []),
        ({"HARK_DATABASE_URL": "postgres://hark:Hark@db/hark?sslmode=require"}, ["error HARK_DATABASE_URL"]),
        ({"HARK_DATABASE_URL": "postgres://hark:nB9x2Lq7@db/hark"}, ["warning HARK_DATABASE_URL"]),
        ({"HARK_DATABASE_URL": "postgres://hark:nB9x2Lq7@db/hark?sslmode=prefer"}, ["warning HARK_DATABASE_URL"]),
        ({"HARK_REDIS_URL": "redis://redis"}, ["error HARK_REDIS_URL", "warning HARK_REDIS_URL"]),
        ({"HARK_REDIS_URL": "rediss://redis"}, ["error HARK_REDIS_URL"]),
        ({"HARK_REDIS_URL": "rediss://:redis@redis"}, ["error HARK_REDIS_URL"]),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "0.0.0.0/0"}, ["error HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "169.254.169.254/32"}, ["error HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "::/0"}, ["error HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "10.0.0.0/8"}, ["warning HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "fd00::/8"}, ["error HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "fd10::/16"}, ["warning HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_WEBHOOK_HTTP": "true"}, ["warning HARK_WEBHOOK_HTTP"]),
        ({"HARK_SMTP_SECURITY": "none"}, ["error HARK_SMTP_SECURITY"]),
        ({"HARK_SMTP_SECURITY": "none", "HARK_SMTP_HOST": "localhost"}, []),
        ({"HARK_APNS_ENVIRONMENT": "sandbox"}, ["warning HARK_APNS_ENVIRONMENT"]),
        ({"HARK_TWILIO_URL": "http://127.0.0.1:8090"}, ["error HARK_TWILIO_URL"]),
        ({"HARK_APNS_URL": "https://127.0.0.1:8091"}, ["warning HARK_APNS_URL"]),
        ({"HARK_FCM_URL": "http://127.0.0.1:8090"}, ["warning HARK_FCM_URL"]),
        ({"HARK_PUSH_SERVICES": "http://127.0.0.1:8090"}, ["warning HARK_PUSH_SERVICES"]),
        ({"HARK_DATABASE_URL": "postgres://hark@db/hark?host=localhost"}, ["error HARK_DATABASE_URL", *WARNED]),
        ({"HARK_DATABASE_URL": "postgres://hark@/hark?host=/run/x,db"}, ["error HARK_DATABASE_URL", *WARNED]),
        ({"HARK_DATABASE_URL": "postgres://hark@localhost:5432,127.0.0.1:5433/hark"}, []),
        pytest.param(
            {"HARK_DATABASE_URL": "postgres://hark@localhost:5432,[::1]:5433/hark"}, [], marks=ipv6_among_others
        ),
        ({"HARK_DATABASE_URL": "postgres://%2Frun%2Fpostgresql/hark?user=hark"}, []),
        (
            {"HARK_DATABASE_URL": "postgres://hark@db/hark?password=postgres&sslmode=require"},
            ["error HARK_DATABASE_URL"],
        ),
        ({"HARK_DATABASE_URL": "postgres://localhost/hark?user=postgres"}, WARNED),
        ({"HARK_REDIS_URL": "redis:///0?host=redis.internal"}, ["error HARK_REDIS_URL", "warning HARK_REDIS_URL"]),
        ({"HARK_REDIS_URL": "rediss://redis?password=redis"}, ["error HARK_REDIS_URL"]),
        ({"HARK_REDIS_URL": "rediss://redis?password=nB9x2Lq7"}, []),
        ({"HARK_REDIS_URL": "rediss://:nB9x2Lq7@redis?ssl_cert_reqs=none"}, ["error HARK_REDIS_URL"]),
        ({"HARK_REDIS_URL": "rediss://:nB9x2Lq7@redis?ssl_check_hostname=False"}, ["error HARK_REDIS_URL"]),
        ({"HARK_ENCRYPTION_KEYS": "a:short,lookup:x"}, ["error HARK_ENCRYPTION_KEYS"]),
        ({"HARK_ENCRYPTION_KEYS": "/nowhere/keys"}, ["error HARK_ENCRYPTION_KEYS"]),
        ({"HARK_ENCRYPTION_KEYS": f"a:{'A' * 43},{KEYS}"}, ["error HARK_ENCRYPTION_KEYS"]),
        (
            {"HARK_ENCRYPTION_KEYS": f"{KEYS.replace(',', ',old:').replace('lookup:', '')},lookup:{KEYS[-43:]}"},
            ["error HARK_ENCRYPTION_KEYS"],
        ),
        ({"HARK_ENCRYPTION_KEYS": ENCRYPTION_KEYS}, ["error HARK_ENCRYPTION_KEYS"]),
        ({"HARK_TRUSTED_PROXIES": "0.0.0.0/1,128.0.0.0/1"}, ["error HARK_TRUSTED_PROXIES"] * 2),
        ({"HARK_TRUSTED_PROXIES": "10.0.0.0/8,fd00::/16"}, []),
        ({"HARK_ALLOWED_ORIGINS": "https://shop.example:443"}, ["error HARK_ALLOWED_ORIGINS"]),
        ({"HARK_ALLOWED_ORIGINS": "https://me@shop.example"}, ["error HARK_ALLOWED_ORIGINS"]),
        ({"HARK_ALLOWED_ORIGINS": "https://[shop.example"}, ["error HARK_ALLOWED_ORIGINS"]),
        ({"HARK_ALLOWED_ORIGINS": "https://[::1]:8443,https://xn--bcher-kva.example"}, []),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "::1/128"}, ["error HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "0.0.0.0/32"}, ["error HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "::ffff:127.0.0.0/104"}, ["error HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "fd00:ec2::/64"}, ["error HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_WEBHOOK_ALLOWED_NETWORKS": "100.100.100.0/24"}, ["error HARK_WEBHOOK_ALLOWED_NETWORKS"]),
        ({"HARK_APNS_KEY": "", "HARK_SMTP_HOST": ""}, ["warning channels"]),
    ],
)
def test_a_rule_finds_what_it_is_for(env: dict[str, str], told: list[str]) -> None:
    assert sorted(f"{one.level} {one.about}" for one in found(env)) == told


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (URL, []),
        ("http://localhost:8080", []),
        ("http://push.shop.example", ["error TLS"]),
        ("push.shop.example", ["warning TLS"]),
        ("", ["warning TLS"]),
        ("https://[push.shop.example", ["warning TLS"]),
    ],
)
def test_clients_come_by_tls(url: str, told: list[str]) -> None:
    assert [f"{one.level} {one.about}" for one in found({}, url)] == told


def test_a_password_may_be_where_postgres_looks_for_it() -> None:
    env = {"HARK_DATABASE_URL": "postgres://hark@db/hark?sslmode=require"}
    for name in ("PGPASSWORD", "PGPASSFILE"):
        assert found(env, of_postgres={name: "nB9x2Lq7"}) == []


@pytest.mark.parametrize(
    ("of_postgres", "levels"),
    [
        ({}, []),
        ({"PGHOST": "/run/postgresql"}, []),
        ({"PGHOST": "db.internal"}, ["error", "warning"]),
        ({"PGHOST": "db.internal", "PGPASSWORD": "postgres", "PGSSLMODE": "verify-full"}, ["error"]),
        ({"PGHOST": "db.internal", "PGPASSWORD": "nB9x2Lq7", "PGSSLMODE": "verify-full"}, []),
        ({"PGUSER": "postgres"}, ["warning"]),
    ],
)
def test_so_may_all_the_rest(of_postgres: dict[str, str], levels: list[str]) -> None:
    assert [one.level for one in found({"HARK_DATABASE_URL": "postgres:///hark"}, of_postgres=of_postgres)] == levels


def key(name: str = "shop", role: str | None = "admin", *, ends: bool = False, gone: bool = False) -> ApiKey:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    ended = at if gone else None
    scopes = None if role else ["send"]
    return ApiKey("3f9a0c51d2e7", name, role, scopes, at, at if ends else None, False, None, ended)  # noqa: FBT003


def test_keys_and_migrations_are_looked_at() -> None:
    assert list(database.findings([key(role="sender"), key(role=None), key(ends=True), key(gone=True)], [])) == []
    found = list(database.findings([key(), key("dev", "viewer")], ["0008_audit"]))
    assert [(one.level, one.about) for one in found] == [
        ("error", "migrations"),
        ("warning", "API key 3f9a0c51d2e7 (shop)"),
        ("warning", "API key 3f9a0c51d2e7 (dev)"),
    ]
    assert "0008_audit" in found[0].what
    assert "hark keys revoke 3f9a0c51d2e7" in found[1].to_do


def test_all_scopes_are_the_role_that_has_them() -> None:
    everything = msgspec.structs.replace(key(role=None), scopes=list(SCOPES))
    assert [one.about for one in database.findings([everything], [])] == ["API key 3f9a0c51d2e7 (shop)"]


def test_files_with_secrets_are_their_owners() -> None:
    read = settings.load(GOOD | {"HARK_ENCRYPTION_KEYS": "/etc/hark/keys", "HARK_CHAT_SERVICES": '{"team":"json://x"}'})
    assert list(files.named(read)) == ["HARK_ENCRYPTION_KEYS", "HARK_APNS_KEY", "HARK_FCM_CREDENTIALS"]
    modes = {"HARK_ENCRYPTION_KEYS": 0o100600, "HARK_APNS_KEY": 0o100640, "HARK_FCM_CREDENTIALS": 0o100644}
    assert [one.about for one in files.findings(modes)] == ["HARK_FCM_CREDENTIALS"]


def test_a_finding_is_sentences_and_shows_no_secret() -> None:
    secrets = [GOOD["HARK_TOKEN_SECRET"], "hunter2", GOOD["HARK_VAPID_PRIVATE_KEY"]]
    env = {
        "HARK_DATABASE_URL": "postgres://postgres:hunter2@db/hark",
        "HARK_REDIS_URL": "redis://:hunter2@redis",
        "HARK_DEMO_API_KEY": "hark_3f9a0c51d2e7_hunter2",
        "HARK_HOST": "10.1.2.3",
    }
    for one in itertools.chain(
        found(env, ""), database.findings([key()], ["0008_audit"]), files.findings({"X": 0o777})
    ):
        assert one.what[0].isupper(), one
        assert one.what[-1] == one.to_do[-1] == ".", one
        assert not any(secret in str(one) for secret in secrets)
