"""Pushes to Apple's devices. Credentials and headers are as aioapns knows them; its own transport hangs on an answer
without a body and signs a token for each connection, so requests take the road."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from aioapns.connection import JWTAuthorizationHeaderProvider

from delivery.answer import Lost
from delivery.apns.answer import EXPIRED, outcome_of
from delivery.apns.bearer import Bearer
from delivery.apns.credentials import Credential, authority, load
from delivery.apns.headers import clearing_headers, headers
from delivery.apns.identity import ClientCertificate, SigningKey
from delivery.apns.payload import clearing_payload, payload
from delivery.apns.settings import ApnsSettings
from delivery.apps import choose
from delivery.clearing import Clearing
from delivery.message import Message, Target
from delivery.outcome import Accepted, Misconfigured, Outcome, Rejected, Unavailable
from delivery.road import DEADLINE_S, Road

# Apple: of variable length, not to be taken for 32 bytes.
_TOKEN = re.compile(r"(?:[0-9a-fA-F]{2}){8,200}")


class _Line:
    """What all apps with one identity share. APNs lets a connection serve one team only."""

    def __init__(self, identity: SigningKey | ClientCertificate, extra_ca: bytes, deadline_s: float) -> None:
        certificate = identity.pem.encode() if isinstance(identity, ClientCertificate) else b""
        self.road = Road(deadline_s=deadline_s, http2_only=True, extra_ca=extra_ca, identity=certificate)
        self.bearer = Bearer(lambda: _signed(identity)) if isinstance(identity, SigningKey) else None


class _Account:
    """One app."""

    def __init__(self, credential: Credential, line: _Line) -> None:
        self.topic = credential.topic
        self.url = f"{credential.origin}/3/device/"
        self.line = line
        self.proven = False  # something was accepted, so that topic and environment fit


class Apns:
    """The `Provider` of `apns`. ValueError, naming the setting, for credentials that cannot be used."""

    channel = "apns"

    def __init__(self, settings: ApnsSettings, *, deadline_s: float = DEADLINE_S) -> None:
        found, extra_ca = load(settings), authority(settings)
        lines = {each.identity: _Line(each.identity, extra_ca, deadline_s) for each in found.values()}
        self._lines = lines.values()
        self._accounts = {app: _Account(each, lines[each.identity]) for app, each in found.items()}

    async def send(self, message: Message, target: Target) -> Outcome:
        """See `Provider.send`."""

        def said(topic: str, now: datetime) -> dict[str, str]:
            return headers(message, topic=topic, device_token=target.address, now=now)

        return await self._send(said, lambda: payload(message), target)

    async def clear(self, clearing: Clearing, target: Target) -> Outcome:
        """See `Clears.clear`."""

        def said(topic: str, now: datetime) -> dict[str, str]:
            return clearing_headers(topic=topic, ttl_s=clearing.ttl_s, now=now)

        return await self._send(said, lambda: clearing_payload(clearing), target)

    async def aclose(self) -> None:
        """See `Provider.aclose`."""
        for line in self._lines:
            await line.road.aclose()

    async def _send(
        self, headers_of: Callable[[str, datetime], dict[str, str]], body: Callable[[], bytes], target: Target
    ) -> Outcome:
        account = choose(self._accounts, target.app)
        if account is None:
            return Misconfigured("unknown_app", "there are no APNs credentials for the session's app")
        if not _TOKEN.fullmatch(target.address):
            return Rejected("bad_token", "not a device token: an even number of hexadecimal digits")
        bearer, now = account.line.bearer, datetime.now(UTC)
        said = headers_of(account.topic, now)
        if bearer is not None:
            said["authorization"] = bearer.header(now)
        answer = await account.line.road.post(account.url + target.address, headers=said, body=body())
        if isinstance(answer, Lost):
            return answer.outcome
        outcome = outcome_of(answer, datetime.now(UTC), proven=account.proven)
        match outcome:
            case Accepted():
                account.proven = True
            case Unavailable(code) if code == EXPIRED and bearer and not bearer.refused(said["authorization"], now):
                return Misconfigured(code, "a new provider token is refused too: is this machine's clock right?")
        return outcome


def _signed(key: SigningKey) -> str:
    header: str = JWTAuthorizationHeaderProvider(key.pem, key.key_id, key.team_id).get_header()
    return header
