"""Durable topics: who is in them, and what is sent to them."""

import asyncio

from tests.hub_process import Customer

TOPIC = "/api/v1/topics/news"


async def test_a_topic_is_made_once_filled_listed_and_deleted(hub: Customer) -> None:
    assert [(await hub.http.put(TOPIC)).status_code for _ in range(2)] == [201, 200]
    changed = await hub.http.patch(f"{TOPIC}/members", json={"add": ["ada", "grace", "ada", "linus"]})
    assert changed.json() == {"added": 3, "removed": 0, "members": 3}
    changed = await hub.http.patch(f"{TOPIC}/members", json={"add": ["ada", "barbara"], "remove": ["linus", "nobody"]})
    assert changed.json() == {"added": 1, "removed": 1, "members": 3}
    page = (await hub.http.get(f"{TOPIC}/members", params={"limit": 2})).json()
    assert ([member["user_id"] for member in page["members"]], page["next"]) == (["ada", "barbara"], "barbara")
    page = (await hub.http.get(f"{TOPIC}/members", params={"limit": 2, "after": "barbara"})).json()
    assert ([member["user_id"] for member in page["members"]], page["next"]) == (["grace"], None)
    assert (await hub.http.get(TOPIC)).json()["members"] == 3
    assert [topic["topic"] for topic in (await hub.http.get("/api/v1/topics")).json()["topics"]] == ["news"]
    assert (await hub.http.delete(TOPIC)).status_code == 204
    assert (await hub.http.get(f"{TOPIC}/members")).status_code == 404


async def test_what_is_not_there_is_not_found(hub: Customer) -> None:
    for method, path in (("GET", TOPIC), ("DELETE", TOPIC), ("GET", f"{TOPIC}/members")):
        assert (await hub.http.request(method, path)).status_code == 404
    assert (await hub.http.patch(f"{TOPIC}/members", json={"add": ["ada"]})).status_code == 404
    sent = await hub.http.post("/api/v1/notifications", json={"topic": "news", "title": "x"})
    assert (sent.status_code, sent.json()["errors"][0]["path"]) == (422, "$.topic")
    assert (await hub.http.put("/api/v1/topics/a%00b")).status_code == 422


async def test_changes_at_once_keep_the_count_true(hub: Customer) -> None:
    await hub.http.put(TOPIC)
    await asyncio.gather(
        *(
            hub.http.patch(f"{TOPIC}/members", json={"add": [f"u{n}", f"u{n + 1}"], "remove": [f"u{n + 2}"]})
            for n in range(20)
        )
    )
    members = (await hub.http.get(f"{TOPIC}/members")).json()["members"]
    assert (await hub.http.get(TOPIC)).json()["members"] == len(members)


async def test_a_topic_reaches_its_members_but_those_excluded(hub: Customer) -> None:
    await hub.http.put(TOPIC)
    await hub.http.patch(f"{TOPIC}/members", json={"add": ["ada", "grace", "linus"]})
    async with hub.online("ada") as page:
        answer = await hub.http.post(
            "/api/v1/notifications", json={"topic": "news", "exclude": ["grace", "nobody"], "title": "For members"}
        )
        assert (answer.status_code, answer.json()["accepted"]) == (202, 2)
        assert (await page.heard())["title"] == "For members"
    lines = await hub.status(answer.json()["notification_id"])
    assert [line["user_id"] for line in lines] == ["ada", "linus"]
    found = (await hub.http.get(f"/api/v1/notifications/{answer.json()['notification_id']}")).json()
    assert found["topic"] == "news"


async def test_a_topic_without_members_is_sent_to_nobody(hub: Customer) -> None:
    await hub.http.put(TOPIC)
    answer = await hub.http.post("/api/v1/notifications", json={"topic": "news", "title": "x"})
    assert (answer.status_code, answer.json()["accepted"]) == (202, 0)


async def test_exclude_goes_with_a_topic_only(hub: Customer) -> None:
    answer = await hub.http.post("/api/v1/notifications", json={"user_id": "ada", "exclude": ["ada"], "title": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "$.exclude")
