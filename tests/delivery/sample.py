"""Messages and settings, where a test says only what it is about."""

import msgspec

from delivery.apns.settings import ApnsSettings
from delivery.email.settings import EmailSettings
from delivery.message import Message, Target
from delivery.simulator.papers import APNS_KEY_ID, APNS_TEAM_ID, APNS_TOPIC, SMTP_LOGIN, TWILIO_ACCOUNT
from delivery.sms.settings import SmsSettings
from delivery.webpush.settings import WebPushSettings
from delivery.webpush.vapid import VapidKeys
from tests.simulator import Simulator

PLAIN = Message(
    notification_id="01JD-order-shipped",
    user_id="ada",
    seq=7,
    cursor="7-01JD",
    title="Shipped",
    message="Your order is on its way",
    data=msgspec.Raw(b'{"order":42}'),
    priority="normal",
    ttl_s=600,
    unread=3,
)


def to(subscription: str) -> Target:
    return Target("webpush", subscription)


def trusting(push_service: str, keys: VapidKeys) -> WebPushSettings:
    return WebPushSettings(
        vapid_private_key=keys.private_key, vapid_subject="mailto:ops@example.com", push_services=(push_service,)
    )


def simulated_apns(simulator: Simulator) -> ApnsSettings:
    return ApnsSettings(
        apns_key=str(simulator.papers.apns_key),
        apns_key_id=APNS_KEY_ID,
        apns_team_id=APNS_TEAM_ID,
        apns_topic=APNS_TOPIC,
        apns_url=simulator.apns_url,
        apns_ca=str(simulator.papers.apns_ca),
    )


def simulated_smtp(simulator: Simulator) -> EmailSettings:
    return EmailSettings(
        smtp_host="127.0.0.1",
        smtp_port=simulator.smtp_port,
        smtp_username=SMTP_LOGIN.username,
        smtp_password=SMTP_LOGIN.password,
        smtp_ca=str(simulator.papers.apns_ca),
        mail_from="Shop <no-reply@shop.example>",
        mail_unsubscribe_url="https://shop.example/off/{user_id}",
    )


def simulated_twilio(simulator: Simulator) -> SmsSettings:
    sid, token = TWILIO_ACCOUNT
    return SmsSettings(
        twilio_account_sid=sid, twilio_auth_token=token, twilio_from="+15005550006", twilio_url=simulator.url
    )
