"""`hark webhooks`, as an operator runs it."""

from tests.command import ran
from tests.encryption import ENCRYPTION_KEYS
from tests.hub_process import Customer
from tests.receiver import Receiver


async def hark(database_url: str, *arguments: str, own_networks: str = "127.0.0.0/8") -> tuple[int, str, str]:
    return await ran(
        *("webhooks", *arguments),
        HARK_DATABASE_URL=database_url,
        HARK_ENCRYPTION_KEYS=ENCRYPTION_KEYS,
        HARK_WEBHOOK_ALLOWED_NETWORKS=own_networks,
        HARK_WEBHOOK_HTTP="true",
    )


async def test_one_is_added_listed_and_tried_out(hub: Customer, endpoint: Receiver, database_url: str) -> None:
    code, out, _ = await hark(database_url, "add", endpoint.url, "--event", "notification.read")
    words = out.split()
    webhook_id, secret = words[1], words[3]
    assert (code, words[0], words[2]) == (0, "id", "secret")
    assert (await hub.webhook(webhook_id))["events"] == ["notification.read"]

    for arguments in ((), ("list",)):
        code, out, _ = await hark(database_url, *arguments)
        assert (code, out.split()) == (0, [webhook_id, "enabled", endpoint.url])

    endpoint.answers(204, 500)
    code, out, _ = await hark(database_url, "test", webhook_id)
    assert code == 0
    assert out.startswith("told: 204 No Content after ")
    code, out, _ = await hark(database_url, "test", webhook_id)
    assert code == 1
    assert out.startswith("not told: 500 Internal Server Error after ")
    assert endpoint.calls[0].verified(secret)["type"] == "webhook.test"


async def test_how_each_fares_is_listed(hub: Customer, endpoint: Receiver, database_url: str) -> None:
    made = await hub.add_webhook(endpoint.url)
    await hub.http.patch(f"/api/v1/webhooks/{made['id']}", json={"enabled": False})
    _, out, _ = await hark(database_url, "list")
    assert "disabled 20" in out
    assert "(requested)" in out


async def test_what_cannot_be_is_told_in_one_line(hub: Customer, endpoint: Receiver, database_url: str) -> None:
    for arguments, networks, told in (
        (("add", endpoint.url), "", "no local or private address"),
        (("add", "ftp://shop.example"), "", "expected an https URL"),
        (("test", "01a1fb24-36c5-7a27-8d1f-8ffd5652fad8"), "", "there is no webhook"),
        (("test", "x"), "", "must be the id of a webhook"),
        (("list",), "10.0.0.1/8", "HARK_WEBHOOK_ALLOWED_NETWORKS: not a network"),
    ):
        code, _, err = await hark(database_url, *arguments, own_networks=networks)
        assert code != 0
        assert told in err
    assert (await hub.http.get("/api/v1/webhooks")).json() == {"webhooks": []}
