"""The settings that lead Hark to a simulator of its providers, one group a provider. Pure.

What the simulator's consoles hand out is known here as names of files and constants: `delivery.simulator.papers`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

Settings: TypeAlias = Mapping[str, str]


class Simulated(NamedTuple):
    """Where a simulator is reached, and the folder with its keys and certificates."""

    url: str
    apns_url: str
    smtp_host: str
    smtp_port: int
    papers: Path


def webpush(where: Simulated, *, vapid_private_key: str) -> Settings:
    """Any key will do: a browser takes the one that it subscribed with."""
    return {
        "HARK_VAPID_PRIVATE_KEY": vapid_private_key,
        "HARK_VAPID_SUBJECT": "mailto:dev@example.com",
        "HARK_PUSH_SERVICES": where.url,
    }


def apns(where: Simulated) -> Settings:
    return {
        "HARK_APNS_KEY": str(where.papers / "AuthKey_SIMULATED1.p8"),
        "HARK_APNS_KEY_ID": "SIMULATED1",
        "HARK_APNS_TEAM_ID": "HARKTEAM01",
        "HARK_APNS_TOPIC": "com.example.hark",
        "HARK_APNS_URL": where.apns_url,
        "HARK_APNS_CA": str(where.papers / "apns-ca.pem"),
    }


def fcm(where: Simulated) -> Settings:
    return {
        "HARK_FCM_CREDENTIALS": str(where.papers / "fcm-service-account.json"),
        "HARK_FCM_URL": where.url,
    }


def smtp(where: Simulated) -> Settings:
    return {
        "HARK_SMTP_HOST": where.smtp_host,
        "HARK_SMTP_PORT": str(where.smtp_port),
        "HARK_SMTP_USERNAME": "hark",
        "HARK_SMTP_PASSWORD": "simulated",
        "HARK_SMTP_CA": str(where.papers / "apns-ca.pem"),
        "HARK_MAIL_FROM": "Hark <hark@example.com>",
    }


def twilio(where: Simulated) -> Settings:
    return {
        "HARK_TWILIO_ACCOUNT_SID": "AC" + "51" * 16,
        "HARK_TWILIO_AUTH_TOKEN": "simulated",
        "HARK_TWILIO_FROM": "+15005550006",
        "HARK_TWILIO_URL": where.url,
    }
