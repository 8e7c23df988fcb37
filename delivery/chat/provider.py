"""Chat services (Slack, Telegram, Matrix, WhatsApp ...) by apprise: the provider for users' addresses there."""

from delivery.chat.address import filled
from delivery.chat.answer import outcome_of
from delivery.chat.plugins import Plugins
from delivery.chat.services import services
from delivery.chat.settings import ChatSettings
from delivery.chat.text import Text, text
from delivery.chat.threads import NoRoom, Threads
from delivery.message import Message, Target
from delivery.outcome import Misconfigured, Outcome, Rejected, Unavailable
from delivery.road import DEADLINE_S

_BAD_ADDRESS = Rejected("bad_address", "not an address that this service takes")

CALLS = 16  # of one service at once: one that hangs leaves the others their threads


class Chat:
    """The `Provider` of `chat`; `Target.app` is the service's name. To be built inside the running loop; ValueError,
    naming the setting, for services that cannot be used."""

    channel = "chat"

    def __init__(self, settings: ChatSettings, *, deadline_s: float = DEADLINE_S, calls: int = CALLS) -> None:
        self._urls = services(settings)
        self._deadline_s = deadline_s
        self._threads = {name: Threads(calls) for name in self._urls}
        self._plugins = Plugins()
        try:
            for name, url in self._urls.items():
                self._plugins.check(name, url)
        except ValueError:
            self._plugins.close()
            raise

    async def send(self, message: Message, target: Target) -> Outcome:
        """See `Provider.send`. A service that can replace a message is not told to: apprise knows no such thing."""
        url = self._urls.get(target.app)
        if url is None:
            return Misconfigured("unknown_service", "HARK_CHAT_SERVICES names no such service")
        if filled(url, target.address) is None:
            return _BAD_ADDRESS
        shown = text(message)
        if not shown.body:
            return Rejected("nothing_to_read", "a chat message needs a title or a message")
        return await self._said(url, target, shown)

    async def _said(self, url: str, target: Target, shown: Text) -> Outcome:
        try:
            told = await self._threads[target.app].run(
                lambda: self._plugins.say(url, target.address, shown), within_s=self._deadline_s
            )
        except NoRoom:
            return Unavailable("busy")
        except TimeoutError:
            return Unavailable("timeout", ambiguous=True)
        return _BAD_ADDRESS if told is None else outcome_of(told, addressed=bool(target.address))

    async def aclose(self) -> None:
        """See `Provider.aclose`. A call that hangs ends by itself."""
        self._plugins.close()
