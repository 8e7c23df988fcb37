"""SMS by Twilio's REST API: the provider for phone numbers. A text cannot be folded: said twice, it arrives twice."""

from datetime import UTC, datetime

from delivery.answer import Lost
from delivery.message import Message, Target
from delivery.outcome import Outcome, Rejected
from delivery.road import DEADLINE_S, Road
from delivery.sms.account import account
from delivery.sms.answer import outcome_of
from delivery.sms.form import body, form, is_number
from delivery.sms.settings import SmsSettings


class Sms:
    """The `Provider` of `sms`. ValueError, naming the setting, for malformed ones."""

    channel = "sms"

    def __init__(self, settings: SmsSettings, *, deadline_s: float = DEADLINE_S) -> None:
        self._account = account(settings)
        self._segments = settings.sms_segments
        self._headers = {
            "authorization": self._account.authorization,
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        self._road = Road(deadline_s=deadline_s)

    async def send(self, message: Message, target: Target) -> Outcome:
        """See `Provider.send`."""
        if not is_number(target.address):
            return Rejected("bad_number", "not a phone number such as +15005550006 (E.164)")
        text = body(message, self._segments)
        if not text:
            return Rejected("nothing_to_read", "a text needs a title or a message")
        said = form(message, text, to=target.address, sender=self._account.sender)
        answer = await self._road.post(self._account.url, headers=self._headers, body=said)
        return answer.outcome if isinstance(answer, Lost) else outcome_of(answer, datetime.now(UTC))

    async def aclose(self) -> None:
        """See `Provider.aclose`."""
        await self._road.aclose()
