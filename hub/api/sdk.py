"""`/sdk`: the JavaScript client, as it lies in the package; nobody has to build or host anything."""

import gzip
import hashlib
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.operation import operation, public
from hub.api.problem import not_found

HEADERS = {
    # Asked for again each time and mostly answered 304: hub and client are always of one version.
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    # Public, the same for everybody: pages of any origin may import it (module scripts are fetched with CORS).
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class SdkApi:
    """Every script of a folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._scripts = {path.name: _Script(path.read_bytes()) for path in folder.glob("*.js")}

    def routes(self) -> Sequence[Route]:
        """Where the scripts live."""
        return [Route("/sdk/{file}", self.script, methods=["GET"])]

    @public
    @operation("Load a script of the client", answers={200: "text/javascript", 304: None}, refusals=[404])
    async def script(self, request: Request) -> Response:
        """200, or 304 for who has it already (RFC 9110 section 13.1.2). Raises Problem 404."""
        found = self._scripts.get(request.path_params["file"])
        if found is None:
            raise not_found("script")
        return found.answer(request)


class _Script:
    def __init__(self, plain: bytes) -> None:
        self._plain = plain
        self._gzip = gzip.compress(plain, mtime=0)
        self._etag = f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"'  # weak: of both encodings

    def answer(self, request: Request) -> Response:
        headers = {**HEADERS, "ETag": self._etag}
        if self._etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        body = self._plain
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = self._gzip, "gzip"
        return Response(body, headers=headers, media_type="text/javascript")
