"""Settings: frozen blocks read once from the environment by a composition root. Nothing else reads it."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from delivery.apns.settings import ApnsSettings
from delivery.chat.settings import ChatSettings
from delivery.email.settings import EmailSettings
from delivery.fcm.settings import FcmSettings
from delivery.outbound.networks import networks
from delivery.sms.settings import SmsSettings
from delivery.webhook.settings import WebhookSettings
from delivery.webpush import vapid
from delivery.webpush.push_services import extra_origins
from delivery.webpush.settings import WebPushSettings
from hub import vault_keys
from hub.limits import LiveSettings, RateSettings
from hub.vault import Vault
from hub.vault_keys import EncryptionSettings
from sessions.user_tokens import UserTokenSettings

PREFIX = "HARK_"
OF_CUSTOMERS = frozenset({"url", "api_key"})  # what `hark send` reads, perhaps in the shell that starts a hub

# Before libraries read them: these quote in their errors what they take for the port, which is a password's beginning
# when there is a slash in it. Several hosts are Postgres' own.
_HOST = r"(?:\[[\w:.%]+\]|[^/?#@\[\]:,]*)(?::[0-9]{1,5})?"
_URL = re.compile(
    rf"\w+://(?P<whom>[^/?#\[\]]*@)?(?P<hosts>{_HOST}(?:,{_HOST})*)(?P<path>/[^?#]*)?(?:[?#].*)?", re.DOTALL
)

Block = TypeVar("Block", bound=msgspec.Struct)


class SettingsError(Exception):
    """A HARK_* variable is missing, unknown or malformed; the message is one line for the operator."""


class HubSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the hub and the worker share."""

    database_url: Annotated[
        str,
        Meta(pattern="^postgres(ql)?://", description="Postgres 15 or newer, where every notification lives."),
    ]
    redis_url: Annotated[
        str,
        Meta(
            pattern="^(rediss?|unix)://",
            description="Redis 7 or Valkey: hints and wake-ups only, nothing is lost with it.",
        ),
    ]
    database_pool: Annotated[
        int,
        Meta(
            ge=2,
            le=200,
            description="Postgres connections a process. The hub's work comes in batches, so few do.",
        ),
    ] = 8
    host: Annotated[str, Meta(description="Address the hub listens on. Behind a proxy: 127.0.0.1.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="TCP port the hub listens on.")] = 8080
    worker_port: Annotated[
        int, Meta(ge=0, le=65535, description="TCP port of the worker's /health and /metrics; 0: none.")
    ] = 0
    allowed_origins: Annotated[
        tuple[str, ...],
        Meta(description="Origins whose pages may speak for a user, comma separated. Empty: the hub's own only."),
    ] = ()
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(
            description="Addresses or networks of the proxies in front, comma separated: what they say in "
            "X-Forwarded-For and X-Forwarded-Proto is believed. Whoever else says it is not."
        ),
    ] = ("127.0.0.1", "::1")
    log_format: Annotated[
        Literal["json", "console"], Meta(description="json: one object a line. console: for a person.")
    ] = "json"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least severe event shown.")
    ] = "info"
    ack_deadline_s: Annotated[
        float,
        Meta(
            gt=0,
            le=3600,
            description="Seconds a connected device has to acknowledge before the push goes out.",
        ),
    ] = 5.0
    audience_batch: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Users stored in one commit, before the answer. A larger audience is the worker's.",
        ),
    ] = 1000
    worker_batch: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Users of a larger audience in one commit. More: sooner done, and single sends wait for each.",
        ),
    ] = 1000
    sweep_interval_s: Annotated[
        float,
        Meta(
            gt=0,
            le=60,
            description="Seconds between looks for due entries that no wake-up announced (Redis lost it).",
        ),
    ] = 1.0
    lease_s: Annotated[
        float,
        Meta(
            gt=0,
            le=600,
            description="Seconds a worker has for a claimed entry before another may; above a provider's 10.",
        ),
    ] = 15.0
    demo_api_key: Annotated[str, Meta(description="API key the demo at /demo/ sends with. Empty: no demo.")] = ""
    demo_simulator_url: Annotated[str, Meta(description="Provider simulator whose devices the demo shows.")] = ""

    def __repr__(self) -> str:
        """Without the URLs, which have passwords, and the key, for the places where settings get printed."""
        return f"HubSettings(host={self.host!r}, port={self.port!r})"


class Settings(msgspec.Struct, frozen=True):
    """All blocks of one process."""

    hub: HubSettings
    live: LiveSettings
    rates: RateSettings
    user_tokens: UserTokenSettings
    webpush: WebPushSettings
    apns: ApnsSettings = ApnsSettings()
    fcm: FcmSettings = FcmSettings()
    email: EmailSettings = EmailSettings()
    sms: SmsSettings = SmsSettings()
    chat: ChatSettings = ChatSettings()
    webhooks: WebhookSettings = WebhookSettings()
    encryption: EncryptionSettings = EncryptionSettings()

    @property
    def channels(self) -> frozenset[str]:
        """Those that have credentials."""
        configured = {
            "apns": self.apns.configured,
            "fcm": self.fcm.configured,
            "email": self.email.configured,
            "sms": self.sms.configured,
            "chat": self.chat.configured,
            "webpush": bool(self.webpush.vapid_private_key),
        }
        return frozenset(channel for channel, is_there in configured.items() if is_there)


def load(env: Mapping[str, str]) -> Settings:
    """Reads every `HARK_*` variable of `env`. Raises SettingsError for an unknown, missing or malformed one."""
    given = {name.removeprefix(PREFIX).lower(): value for name, value in env.items() if name.startswith(PREFIX)}
    blocks = get_type_hints(Settings)
    known = {field.name for block in blocks.values() for field in msgspec.structs.fields(block)}
    for name in sorted(given.keys() - known - OF_CUSTOMERS):
        raise SettingsError(f"{PREFIX}{name.upper()} is not a setting of Hark (.env.example lists them all)")
    return Settings(
        hub=_of_networks(_connectable(_block(HubSettings, given)), "trusted_proxies"),
        live=_block(LiveSettings, given),
        rates=_block(RateSettings, given),
        user_tokens=_block(UserTokenSettings, given),
        webpush=_usable(_block(WebPushSettings, given)),
        apns=_block(ApnsSettings, given),
        fcm=_block(FcmSettings, given),
        email=_block(EmailSettings, given),
        sms=_block(SmsSettings, given),
        chat=_block(ChatSettings, given),
        webhooks=_of_networks(_block(WebhookSettings, given), "webhook_allowed_networks"),
        encryption=_block(EncryptionSettings, given),
    )


def vault(settings: Settings) -> Vault:
    """What seals and opens what is stored. Raises SettingsError when there is no key, or a malformed one."""
    given = settings.encryption.encryption_keys
    if not given:
        raise SettingsError(
            "HARK_ENCRYPTION_KEYS is missing: device tokens, addresses and signing secrets are stored encrypted "
            "(`hark keys encryption` makes a key)"
        )
    try:
        return Vault(vault_keys.load(given))
    except ValueError as error:
        raise SettingsError(f"HARK_ENCRYPTION_KEYS: {error}") from None


def _block(block: type[Block], given: Mapping[str, str]) -> Block:
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(block):
        if field.name in given:
            text = given[field.name]
            is_list = isinstance(field.default, tuple)
            values[field.name] = [part.strip() for part in text.split(",") if part.strip()] if is_list else text
        elif field.required:
            raise SettingsError(f"{PREFIX}{field.name.upper()} is missing: {description(block, field.name)}")
    try:
        return msgspec.convert(values, block, strict=False)
    except msgspec.ValidationError as error:  # "Expected `int`, got `str` - at `$.port`"
        what, _, path = str(error).partition(" - at `$.")
        raise SettingsError(f"{PREFIX}{path.rstrip('`').upper()}: {what}") from None


def _connectable(hub: HubSettings) -> HubSettings:
    """With URLs that can be read in one way only. What is wrong is told without a part of them."""
    for name, url in (("DATABASE", hub.database_url), ("REDIS", hub.redis_url)):
        if not _is_url(url):
            raise SettingsError(
                f"{PREFIX}{name}_URL is no URL: it is scheme://user:password@host:port/…, and in a password /, ?, #, [ "
                "and ] are written %2F, %3F, %23, %5B and %5D"
            )
    return msgspec.structs.replace(hub, redis_url=_with_a_name(hub.redis_url))


def _with_a_name(redis_url: str) -> str:
    """redis-py takes any server's certificate for the right one, unless it is told to look at the name in it."""
    if urlsplit(redis_url).scheme != "rediss" or "ssl_check_hostname" in redis_url:
        return redis_url
    return f"{redis_url}{'&' if '?' in redis_url else '?'}ssl_check_hostname=true"


def _is_url(text: str) -> bool:
    found = _URL.fullmatch(text)
    try:
        urlsplit(text)
    except ValueError:  # between brackets, no address
        return False
    return found is not None and not ("@" in (found["path"] or "") and found["hosts"] and not found["whom"])


def _of_networks(block: Block, name: str) -> Block:
    """With a field of addresses and networks that are some."""
    try:
        networks(getattr(block, name))
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name.upper()}: {error}") from None
    return block


def _usable(webpush: WebPushSettings) -> WebPushSettings:
    try:
        if webpush.vapid_private_key:
            vapid.check_subject(vapid.load(webpush.vapid_private_key), webpush.vapid_subject)
        extra_origins(webpush.push_services)
    except ValueError as error:
        raise SettingsError(f"HARK_VAPID_PRIVATE_KEY, HARK_VAPID_SUBJECT, HARK_PUSH_SERVICES: {error}") from None
    return webpush


def description(block: type[msgspec.Struct], name: str) -> str:
    """The sentence a block gives for one of its fields: meaning, unit, reason."""
    hint = get_type_hints(block, include_extras=True)[name]
    return " ".join(meta.description for meta in hint.__metadata__ if meta.description)


def example() -> str:
    """The text of `.env.example`: every setting with its meaning and default."""
    lines = ["# Every setting of Hark. Lines that are commented out show the default."]
    for block in get_type_hints(Settings).values():
        for field in msgspec.structs.fields(block):
            default = "" if field.required else field.default
            text = ",".join(default) if isinstance(default, tuple) else str(default)
            lines += ["", f"# {description(block, field.name)}"]
            lines += [f"{'' if field.required else '# '}{PREFIX}{field.name.upper()}={text}"]
    return "\n".join(lines) + "\n"
