"""A slow or broken answer over Starlette."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from delivery.simulator.faults import Fault
from delivery.simulator.http1 import Broken


async def hang(request: Request, hang_s: float) -> None:
    """Wait as long as was asked for, or until the sender hangs up. The request's body must have been read."""
    try:
        async with asyncio.timeout(hang_s):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


async def on_the_way(request: Request, fault: Fault, answer: Response) -> Response:
    """The answer as it arrives: after as long as was asked for, or broken."""
    await hang(request, fault.hang_s)
    match fault.accident:
        case "reset" | "half_body" as how:
            return Broken(answer, how)
        case _:
            return answer


async def body_of(request: Request, limit_bytes: int) -> bytes:
    """At most one byte more than is allowed: enough to see that it is too much."""
    body = b""
    async for chunk in request.stream():
        body = (body + chunk)[: limit_bytes + 1]
    return body
