"""`/api/v1/users/me/inbox?before=`: what came earlier, page by page, for a list that somebody scrolls."""

from typing import Any

import httpx
import pytest

from tests.hub_process import Customer


async def history(hub: Customer, user_id: str, **query: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {await hub.token(user_id)}"}
    return await hub.http.get("/api/v1/users/me/inbox", params=query, headers=headers)


async def test_pages_go_back_to_the_oldest_entry(hub: Customer) -> None:
    for number in range(1, 6):
        await hub.send("ada", f"title {number}")
    await hub.send("grace")
    pages = []
    before: int | None = 2**53 - 1
    while before is not None:
        page = (await history(hub, "ada", before=before, limit=2)).raise_for_status().json()
        pages.append([entry["title"] for entry in page["entries"]])
        before = page["next"]
    assert pages == [["title 5", "title 4"], ["title 3", "title 2"], ["title 1"]]


async def test_an_entry_is_the_one_a_socket_brings(hub: Customer) -> None:
    async with hub.online("ada") as phone:
        await hub.send("ada", data={"order": 42})
        heard = await phone.heard()
        page = (await history(hub, "ada", before=2)).json()
        assert page == {"entries": [{k: v for k, v in heard.items() if k != "t"}], "next": None, "head": 1, "unread": 1}
        await phone.say("read", seqs=[1])
        await phone.heard()
    page = (await history(hub, "ada", before=2)).json()
    assert (page["unread"], page["entries"][0]["read"]) == (0, True)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"before": 0}, "before"),
        ({"before": "x"}, "before"),
        ({"before": 3, "limit": 201}, "limit"),
        ({"before": 3, "after": "0"}, "after"),
        ({"before": 3, "wait": 1}, "wait"),
        ({"archived": "false", "after": "0"}, "after"),
        ({"archived": "yes"}, "archived"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(hub: Customer, query: dict[str, Any], path: str) -> None:
    answer = await history(hub, "ada", **query)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)
