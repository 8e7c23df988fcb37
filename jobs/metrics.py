"""The worker's metrics (Prometheus)."""

from prometheus_client import Counter, Gauge, Histogram

audience_stored = Counter("hark_audience_stored", "Entries of large audiences this worker stored")
claimed = Counter("hark_claimed", "Due entries this worker took")
attempts = Counter("hark_attempts", "Attempts by channel and outcome", ["channel", "outcome"])
finished = Counter("hark_finished", "Entries whose ladder ended here, by how", ["how"])
cleared = Counter("hark_clearings", "Devices told to show something no more", ["channel", "outcome"])
stopped = Gauge("hark_channel_stopped", "1 while no call is made, for outages or a refused key", ["channel", "app"])
push_seconds = Histogram("hark_push_seconds", "Time a provider took to answer", ["channel"])
webhook_calls = Counter("hark_webhook_calls", "Calls of webhooks, by what followed", ["verdict"])
webhooks_disabled = Counter("hark_webhooks_disabled", "Webhooks that were disabled here, by why", ["reason"])
