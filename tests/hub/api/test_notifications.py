"""`/api/v1/notifications`: what the answer promises and what status tells."""

import msgspec

from tests.hub_process import Customer


async def test_a_notification_to_many_users_is_one_notification_with_an_entry_each(hub: Customer) -> None:
    answer = await hub.http.post(
        "/api/v1/notifications", json={"user_ids": ["ada", "grace", "ada"], "title": "Hello", "data": {"a": [1, 2.50]}}
    )
    accepted = answer.json()
    assert (answer.status_code, accepted["accepted"]) == (202, 2)
    found = (await hub.http.get(f"/api/v1/notifications/{accepted['notification_id']}")).json()
    counts = found["counts"]
    assert (counts.pop("planned"), counts.pop("accepted")) == (2, 2)
    assert set(counts.values()) == {0}
    assert (found["title"], found["data"], found["priority"]) == ("Hello", {"a": [1, 2.5]}, "normal")


async def test_status_follows_the_user_from_accepted_to_read(hub: Customer) -> None:
    async with hub.online("ada") as page:
        sent = await hub.send("ada")
        assert (await hub.status(sent))[0]["state"] == "accepted"
        await page.heard()
        for verb, fields, state in (
            ("ack", {"seq": 1}, "delivered"),
            ("seen", {"seqs": [1]}, "seen"),
            ("read", {"seqs": [1]}, "read"),
        ):
            await page.say(verb, **fields)
            line = await hub.reaches(sent, state)
        times = [line["accepted_at"], line["delivered_at"], line["seen_at"], line["read_at"]]
        assert None not in times
        assert times == sorted(times)


async def test_status_is_paged_by_user(hub: Customer) -> None:
    users = [f"user-{number:02}" for number in range(25)]
    sent = await hub.send(users)
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        answer = await hub.http.get(f"/api/v1/notifications/{sent}/status", params={"limit": 10, "after": after})
        found += [line["user_id"] for line in answer.json()["users"]]
        after = answer.json()["next"]
    assert found == users


async def test_data_comes_back_byte_for_byte(hub: Customer) -> None:
    data = b'{"big":12345678901234567890123,"text":"\\u00e9\\/","same":1,"same":2,"e":1e2}'
    body = b'{"user_id":"ada","title":"x","data":' + data + b"}"
    answer = await hub.http.post("/api/v1/notifications", content=body, headers={"Content-Type": "application/json"})
    found = await hub.http.get(f"/api/v1/notifications/{answer.json()['notification_id']}")
    assert bytes(msgspec.json.decode(found.content, type=dict[str, msgspec.Raw])["data"]) == data


async def test_many_users_of_any_name(hub: Customer) -> None:
    names = ["1", "1 ", "a:b", "*", "\u00fc", "u\u0308", "\U0001f600", "'; drop table entries; --", "x" * 128]
    for name in names:
        async with hub.online(name) as page:
            await hub.send(name, f"for {name}")
            assert (await page.heard())["title"] == f"for {name}"
