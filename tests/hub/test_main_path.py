"""The main path, walked end to end: REST in, socket out, receipts back."""

from tests.hub_process import Customer


async def test_a_notification_appears_on_the_open_page_and_its_ack_comes_back(hub: Customer) -> None:
    async with hub.online("ada") as page:
        sent = await hub.send("ada", "Shipped", message="On its way", data={"order": 42}, priority="high")

        msg = await page.heard()
        assert msg["t"] == "msg"
        assert (msg["seq"], msg["id"], msg["title"], msg["message"]) == (1, sent, "Shipped", "On its way")
        assert (msg["data"], msg["priority"]) == ({"order": 42}, "high")

        await page.say("ack", seq=1)
        assert await page.heard() == {"t": "ack_ok", "seq": 1}
        [line] = await hub.status(sent)
        assert line["state"] == "delivered"
