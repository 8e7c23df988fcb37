"""The door to apprise: a URL becomes one of its services, and the service says one message. Blocks: for a thread.

apprise drops an address that it cannot use, writes a line, and may then speak to whatever the service has for a
default: a whole channel, or the bot's owner. So a line at the making is a refusal, and so is an address that is not
in what was made.
"""

from urllib.parse import unquote

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, OverflowMode, PersistentStoreMode

from delivery.chat.address import HOLE, filled, same
from delivery.chat.answer import Said, said
from delivery.chat.ear import Ear
from delivery.chat.text import Text

# Of each kind that services know: a name, ids, a phone number, a mailbox, a room. One of them must do.
_SAMPLES = (
    "ada", "@ada", "#ada", "U0123ABCD", "123456789", "123456789012345678", "+15005550006", "15005550006",
    "ada@example.org", "!ada:example.org", "0123456789abcdef0123456789abcdef",
)  # fmt: skip


class Plugins:
    """Safe to use from many threads. Each message has a plugin of its own: they are not made to be shared, and one
    that is waits seconds between two messages."""

    def __init__(self) -> None:
        self._ear = Ear()
        self._asset = AppriseAsset(
            app_id="Hark",
            app_desc="Hark",
            app_url="",
            image_url_mask="",  # no logo of apprise's from GitHub
            image_url_logo="",
            async_mode=False,
            http_redirects=False,  # an answer must not choose another host
            pgp_autogen=False,
            pem_autogen=False,
            allow_templates=False,
            storage_mode=PersistentStoreMode.MEMORY,
        )

    def check(self, name: str, url: str) -> None:
        """ValueError when apprise makes nothing of the service, whatever the address."""
        targets = _SAMPLES if HOLE in url else ("",)
        if not any(self._made(url, target) for target in targets):
            raise ValueError(f"HARK_CHAT_SERVICES, {name!r}: apprise cannot use the URL")

    def say(self, url: str, target: str, text: Text) -> Said | None:
        """None: apprise does not take this address, and nothing was sent."""
        plugin = self._made(url, target)
        if plugin is None:
            return None
        with self._ear.listening() as heard:
            try:
                sent = plugin.notify(
                    body=text.body, title=text.title, body_format=NotifyFormat.TEXT, overflow=OverflowMode.TRUNCATE
                )
            except Exception:  # noqa: BLE001 - the work of more than a hundred authors: no word of theirs is a bug of ours
                sent = False
        return said(heard.lines, heard.wire, sent=bool(sent))

    def close(self) -> None:
        """Listens no more."""
        self._ear.leave()

    def _made(self, url: str, target: str) -> NotifyBase | None:
        address = filled(url, target)
        if address is None:
            return None
        with self._ear.listening() as heard:
            try:
                plugin = Apprise.instantiate(address, asset=self._asset)
                is_there = plugin is not None and same(target) in same(unquote(plugin.url(privacy=False)))
            except Exception:  # noqa: BLE001 - as above
                return None
        return plugin if is_there and not heard.lines else None
