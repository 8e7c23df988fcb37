"""`/sdk/{file}`: the client, served by the hub that it talks to."""

import pytest

import sdk
from tests.hub_process import Customer

SCRIPTS = sorted(path.name for path in sdk.JS.glob("*.js"))


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_script_is_what_lies_in_the_package(hub: Customer, name: str) -> None:
    answer = await hub.http.get(f"/sdk/{name}", headers={"Authorization": ""})

    assert answer.content == (sdk.JS / name).read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_page_of_any_origin_may_import_it(hub: Customer) -> None:
    answer = await hub.http.get("/sdk/hark.js", headers={"Origin": "https://shop.example"})

    assert answer.headers["access-control-allow-origin"] == "*"


async def test_who_has_it_is_told_so(hub: Customer) -> None:
    first = await hub.http.get("/sdk/hark.js")
    again = await hub.http.get("/sdk/hark.js", headers={"If-None-Match": first.headers["etag"]})
    other = await hub.http.get("/sdk/hark.js", headers={"If-None-Match": '"another"'})

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200
    assert first.headers["cache-control"] == "no-cache"


async def test_a_client_that_knows_no_gzip_gets_it_plain(hub: Customer) -> None:
    answer = await hub.http.get("/sdk/hark.js", headers={"Accept-Encoding": "identity"})

    assert "content-encoding" not in answer.headers
    assert len(answer.content) == int(answer.headers["content-length"])


@pytest.mark.parametrize("name", ["nothing.js", "package.json", "..%2F__init__.py", "src/hark.js", "hark.d.ts"])
async def test_nothing_else_is_served(hub: Customer, name: str) -> None:
    assert (await hub.http.get(f"/sdk/{name}")).status_code == 404
