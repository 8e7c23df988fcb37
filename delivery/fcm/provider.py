"""Pushes to Android, and to iPhones whose app has Firebase. Messages are firebase-admin's and credentials
google-auth's; their own transports block, retry and wait for minutes, so requests take the road."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from delivery.answer import Lost
from delivery.apps import choose
from delivery.clearing import Clearing
from delivery.fcm.access_token import AccessToken
from delivery.fcm.answer import UNAUTHENTICATED, outcome_of
from delivery.fcm.credentials import ServiceAccount, load, origin
from delivery.fcm.payload import clearing_payload, payload
from delivery.fcm.settings import FcmSettings
from delivery.message import Message, Target
from delivery.outcome import Accepted, Misconfigured, Outcome, Rejected, Unavailable
from delivery.road import DEADLINE_S, Road

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


class _Project:
    """A Firebase project, for all apps that are in it."""

    def __init__(self, account: ServiceAccount, at: str, deadline_s: float) -> None:
        self.url = f"{at}/v1/projects/{account.project_id}/messages:send"
        self.access_token = AccessToken(account, deadline_s)
        self.proven = False  # something was accepted, so that these are the right credentials for it


class Fcm:
    """The `Provider` of `fcm`. ValueError, naming the setting, for credentials that cannot be used."""

    channel = "fcm"

    def __init__(self, settings: FcmSettings, *, deadline_s: float = DEADLINE_S) -> None:
        found, at = load(settings), origin(settings)
        self._road = Road(deadline_s=deadline_s, http2_only=at.startswith("https:"))
        projects = {account: _Project(account, at, deadline_s) for account in found.values()}
        self._projects = projects.values()
        self._by_app = {app: projects[account] for app, account in found.items()}

    async def send(self, message: Message, target: Target) -> Outcome:
        """See `Provider.send`."""
        return await self._send(lambda now: payload(message, target, now), target)

    async def clear(self, clearing: Clearing, target: Target) -> Outcome:
        """See `Clears.clear`."""
        return await self._send(lambda now: clearing_payload(clearing, target, now), target)

    async def aclose(self) -> None:
        """See `Provider.aclose`."""
        for project in self._projects:
            await project.access_token.aclose()
        await self._road.aclose()

    async def _send(self, body: Callable[[datetime], bytes], target: Target) -> Outcome:
        project = choose(self._by_app, target.app)
        if project is None:
            return Misconfigured("unknown_app", "there are no FCM credentials for the session's app")
        if not _TOKEN.fullmatch(target.address):
            return Rejected("bad_token", "not a registration token")
        return await self._post(body, project)

    async def _post(self, body: Callable[[datetime], bytes], project: _Project) -> Outcome:
        now = datetime.now(UTC)
        authorization = await project.access_token.header(now)
        if not isinstance(authorization, str):
            return authorization
        said = {"authorization": authorization, "content-type": "application/json"}
        answer = await self._road.post(project.url, headers=said, body=body(now))
        if isinstance(answer, Lost):
            return answer.outcome
        outcome = outcome_of(answer, datetime.now(UTC), proven=project.proven)
        match outcome:
            case Accepted():
                project.proven = True
            case Unavailable(code) if code == UNAUTHENTICATED and not project.access_token.refused(authorization, now):
                return Misconfigured(code, "a new access token is refused too: may this service account send?")
        return outcome
