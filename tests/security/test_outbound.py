"""No URL that somebody gives has the hub or its worker call the machine they run on, or a neighbour: not when it is
registered, not when it is called. Whatever its spelling, and whatever its name resolves to, nobody is connected to."""

import ast
import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest
from asyncpg import Record

from delivery.outbound.addresses import Resolver
from delivery.outbound.client import Outbound
from delivery.outbound.failed import Failed
from tests.delivery.outbound.neighbours import Names, canary
from tests.hub_process import Customer

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]

# Each stands where a host does; many are 127.0.0.1 or 0.0.0.0 to the system's resolver, or to a library.
HOSTS = [
    *("127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "0.1.2.3", "localhost", "LocalHost"),  # noqa: S104
    *("10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254", "192.0.0.1", "198.18.0.1"),
    *("255.255.255.255", "224.0.0.1", "240.0.0.1"),
    *("127.1", "127.0.1", "0", "2130706433", "017700000001", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.0.0.0x1"),
    *("2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "4294967296", "127.0.0.1.", "localhost."),
    *("①②⑦.⓪.⓪.①", "127。0。0。1", "127\uff0e0\uff0e0\uff0e1", "\uff11\uff12\uff17.0.0.1", "loc\u00adalhost"),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::ffff:169.254.169.254]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]"),
    *("[2001:0:7f00:1::]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[fd00:ec2::254]", "[::1%25lo]", "[127.0.0.1]"),
    *("shop.example@127.0.0.1", "127.0.0.1\\@shop.example", "127.0.0.1#@shop.example", "127.0.0.1?@shop.example"),
    *("127.0.0.1%00.shop.example", "127.0.0.1%2f.shop.example", "%31%32%37.0.0.1", "127.0.0.1\t", "127.0.0.1 "),
]

# What a name server may say.
ADDRESSES = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.31.0.1", "192.168.1.1", "100.127.0.1"),  # noqa: S104
    *("169.254.169.254", "192.88.99.1", "198.19.0.1", "239.1.1.1", "255.255.255.255", "::", "::1", "::7f00:1"),
    *("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1"),
    *("fd00:ec2::254", "fe80::1%lo", "fec0::1", "ff02::1", "100::1", "2001:db8::1"),
]

ROOT = Path(__file__).parents[2]
OPENING = {
    *("connect", "connect_ex", "connect_tcp", "connect_unix_socket", "create_connection", "create_datagram_endpoint"),
    *("create_unix_connection", "open_connection", "open_unix_connection", "sendto", "sock_connect", "sock_sendto"),
    *("urlopen",),
}
# Whoever opens a connection, and to whom. A new one is either for an address of the operator's, or has no place here.
OPENED = {
    ("hub/api/socket.py", "connect"),  # the other way round: a handshake that comes in
    ("hub/bus.py", "connect"),  # Redis
    ("hub/redis_link.py", "connect"),
    ("jobs/worker.py", "connect"),
    ("hub/store/postgres.py", "connect"),
    ("hub/dev/postgres.py", "connect"),
    ("hub/dev/probes.py", "open_connection"),  # what it started itself
    ("delivery/email/connection.py", "connect"),  # the operator's mail server
    ("delivery/outbound/client.py", "connect_tcp"),  # the one for what strangers give
}


class Canary(NamedTuple):
    """Somebody on this machine, at every address of it."""

    port: str
    heard: list[bytes]


@pytest.fixture
async def neighbour() -> AsyncIterator[Canary]:
    async with canary("0.0.0.0") as (port, heard):  # noqa: S104 - every address that a URL may say
        yield Canary(port, heard)


def test_nobody_opens_a_connection_but_who_is_known_for_it() -> None:
    """The clients of libraries have a door each (import-linter's contracts, Ruff's TID251); these are methods."""
    assert {
        (str(path.relative_to(ROOT)), node.attr)
        for folder in ("hub", "jobs", "sessions", "delivery", "web_demo")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in OPENING
    } == OPENED


async def test_the_canary_hears_who_does_not_look(neighbour: Canary) -> None:
    for host in ("127.0.0.1", "localhost"):
        with contextlib.suppress(ConnectionResetError):
            reader, writer = await asyncio.open_connection(host, int(neighbour.port))
            await reader.read()
            writer.close()
    assert len(neighbour.heard) == 2


async def test_no_spelling_of_an_address_is_called(neighbour: Canary) -> None:
    client = Outbound(http=True)
    for host in HOSTS:
        for url in (f"http://{host}:{neighbour.port}/", f"https://{host}/"):
            for failed in (await client.check(url), await client.post(url, headers={}, body=b"{}")):
                assert isinstance(failed, Failed), url
                assert failed.why in {"url_not_allowed", "address_not_allowed"}, (url, failed)
    await client.aclose()
    assert neighbour.heard == []


@pytest.mark.parametrize("address", ADDRESSES)
async def test_no_name_leads_there(neighbour: Canary, address: str) -> None:
    for answer in ([address], ["93.184.216.34", address], [address, "2606:2800:21f:cb07::1"]):
        client = Outbound(http=True, resolver=Resolver((), Names(answer)))
        for url in ("https://shop.example/", f"http://shop.example:{neighbour.port}/"):
            assert await client.check(url) == Failed("address_not_allowed")
            assert await client.post(url, headers={}, body=b"{}") == Failed("address_not_allowed")
        await client.aclose()
    assert neighbour.heard == []


async def test_no_webhook_is_registered_or_called_there(
    start_hub: StartHub, neighbour: Canary, pool: "asyncpg.Pool[Record]"
) -> None:
    async with start_hub(webhook_allowed_networks=(), webhook_http=True) as hub:
        made = await hub.add_webhook("https://93.184.216.34/")
        one = f"/api/v1/webhooks/{made['id']}"
        for host in HOSTS:
            url = f"http://{host}:{neighbour.port}/"
            for refused in (
                await hub.http.post("/api/v1/webhooks", json={"url": url}),
                await hub.http.patch(one, json={"url": url}),
            ):
                assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "$.url"), url
            await pool.execute("update webhooks set url = $1", url)  # as a name may lead there one day
            tried = (await hub.http.post(f"{one}/test")).json()
            assert (tried["told"], tried["answer"]) in {(False, "url_not_allowed"), (False, "address_not_allowed")}
    assert neighbour.heard == []
