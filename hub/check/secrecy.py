"""Secrets that are none, and who hears what."""

from collections.abc import Iterator

from hub.check.finding import Finding, error, warning
from hub.settings import Settings

DIFFERENT = 8  # characters; 16 random bytes in hexadecimal have more, but for one in a million
PLACEHOLDERS = ("secret", "password", "change", "example", "default", "12345678", "abcdefgh", "qwert")
LONG_TTL_S = 86_400


def findings(settings: Settings) -> Iterator[Finding]:
    """Of all rules here."""
    secret, ttl_s = settings.user_tokens.token_secret, settings.user_tokens.token_ttl_s
    if len(set(secret)) < DIFFERENT or any(word in secret.lower() for word in PLACEHOLDERS):
        yield error(
            "HARK_TOKEN_SECRET",
            "It can be guessed, and whoever guesses it is any user they like.",
            "Make a random one: `openssl rand -base64 48`.",
        )
    if not settings.encryption.encryption_keys:
        yield error(
            "HARK_ENCRYPTION_KEYS",
            "Hub and worker do not start: device tokens, addresses and signing secrets are stored encrypted.",
            "Make a key: `hark keys encryption`.",
        )
    if ttl_s > LONG_TTL_S:
        yield warning(
            "HARK_TOKEN_TTL_S",
            f"Who finds a user token is that user for up to {ttl_s // 3600} hours, until you revoke it.",
            "An hour is enough: devices fetch a new one.",
        )
    if settings.hub.log_level in {"warning", "error"}:
        yield warning(
            "HARK_LOG_LEVEL",
            "The head of the audit log is not in the worker's log, so that rows cut off at its end do not show.",
            "Keep it at info, or note `hark audit head` elsewhere.",
        )
