"""Secrets that are none, and who hears what."""

import itertools
from collections.abc import Iterator

from hub import vault_keys
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
    yield from _encryption(settings.encryption.encryption_keys)
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


def _encryption(given: str) -> Iterator[Finding]:
    try:
        keys = vault_keys.load(given)
    except ValueError as flaw:
        yield error(
            "HARK_ENCRYPTION_KEYS",
            f"Hub and worker do not start without keys{f', and these are none: {flaw}' if given else ''}.",
            "Make a key: `hark keys encryption`.",
        )
        return
    if len({*keys.named.values(), keys.lookup}) <= len(keys.named) or not all(
        map(_is_random, (*keys.named.values(), keys.lookup))
    ):
        yield error(
            "HARK_ENCRYPTION_KEYS",
            "A key in it is no random one, or is there twice.",
            "Make new ones (`hark keys encryption`): all, as long as the database is empty, or one in front, and run "
            "`hark keys rotate`.",
        )


def _is_random(key: bytes) -> bool:
    """As far as anybody can see: no byte is there too often, and none is as far from the next as all others are."""
    steps = {(after - before) % 256 for before, after in itertools.pairwise(key)}
    return len(set(key)) >= DIFFERENT and len(steps) >= DIFFERENT
