"""Django Channels with channels_redis on uvicorn: POST /pub group_sends the body to all, /pub?u=N to group N.

REDIS_URL=redis://127.0.0.1:6379 uvicorn django_channels:app --port PORT
"""

import os
import urllib.parse

import django
from django.conf import settings

settings.configure(
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")]},
        }
    },
    INSTALLED_APPS=["channels"],
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402


def group(query_string):
    return urllib.parse.parse_qs(query_string.decode()).get("u", ["all"])[0]


class Consumer(AsyncWebsocketConsumer):
    async def connect(self):
        self.group = group(self.scope["query_string"])
        await self.channel_layer.group_add(f"u.{self.group}", self.channel_name)
        await self.accept()

    async def disconnect(self, _):
        await self.channel_layer.group_discard(f"u.{self.group}", self.channel_name)

    async def push(self, event):
        await self.send(text_data=event["text"])


consumer = Consumer.as_asgi()


async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await consumer(scope, receive, send)
    elif scope["type"] == "http":
        event = await receive()
        await get_channel_layer().group_send(
            f"u.{group(scope['query_string'])}", {"type": "push", "text": event["body"].decode()}
        )
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
    else:
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
