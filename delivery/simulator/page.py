"""The simulator's own page at `/`: devices, mailboxes, and what is to fail. Files only; what they show is asked of
`/screens`."""

from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

FOLDER = Path(__file__).with_name("static")
FILES = frozenset(
    {"index.html", "page.css", "device.css", "faults.css", "icon.svg"}
    | {"page.js", "device.js", "faults.js", "kinds.js", "times.js"}
)

# Everything from here, nothing inline: what was sent may be anybody's text.
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


class Page:
    def routes(self) -> Sequence[Route]:
        return [Route("/", self.index), *(Route(f"/static/{name}", self.file) for name in sorted(FILES))]

    async def index(self, _request: Request) -> FileResponse:
        return FileResponse(FOLDER / "index.html", headers=_HEADERS)

    async def file(self, request: Request) -> FileResponse:
        return FileResponse(FOLDER / request.url.path.rpartition("/")[2], headers=_HEADERS)
