"""What mail providers post about a message, as they post it. Mailgun signs; the others know a password."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from typing import Any

SECRET = "dms:a-password-of-some-length"
SIGNING_KEY = "key-0123456789"
MOMENT = 1772443800  # MONDAY


def basic(secret: str = SECRET) -> dict[str, str]:
    """The header that a provider makes of `https://name:password@…`."""
    return {"Authorization": "Basic " + b64encode(secret.encode()).decode()}


def mailgun(event: str, message_id: str, to: str, *, key: str = SIGNING_KEY, **data: Any) -> bytes:
    """https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads"""
    token, timestamp = "f" * 50, str(MOMENT)
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    event_data = {
        "id": "CPgfbmQMTCKtHW6uIWtuVe",
        "timestamp": MOMENT + 0.52,
        "event": event,
        "recipient": to,
        "message": {"headers": {"to": to, "message-id": message_id.strip("<>"), "from": "a@dms.test"}},
        "delivery-status": {"code": 250, "message": "OK", "description": ""},
        **data,
    }
    return json.dumps(
        {
            "signature": {"token": token, "timestamp": timestamp, "signature": signature},
            "event-data": event_data,
        }
    ).encode()


def postmark(record: str, message_id: str, to: str, **data: Any) -> bytes:
    """https://postmarkapp.com/developer/webhooks/webhooks-overview"""
    who = {"Delivery": "Recipient", "Open": "Recipient"}.get(record, "Email")
    when = {"Delivery": "DeliveredAt", "Open": "ReceivedAt"}.get(record, "BouncedAt")
    return json.dumps(
        {
            "RecordType": record,
            "MessageID": message_id,
            who: to,
            when: "2026-03-02T09:30:00Z",
            "ServerID": 23,
            "MessageStream": "outbound",
            "Tag": "",
            "Metadata": {},
            **data,
        }
    ).encode()


def brevo(event: str, message_id: str, to: str) -> bytes:
    """https://developers.brevo.com/docs/transactional-webhooks"""
    return json.dumps(
        {
            "event": event,
            "email": to,
            "id": 26224,
            "date": "2026-03-02 10:30:00",
            "ts": MOMENT,
            "message-id": message_id,
            "ts_event": MOMENT,
            "ts_epoch": MOMENT * 1000,
            "subject": "Nouveau lead",
            "tag": '[""]',
            "sending_ip": "192.0.2.1",
        }
    ).encode()


def sendgrid(*events: tuple[str, str, str, dict[str, str]]) -> bytes:
    """https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event: many in one post."""
    return json.dumps(
        [
            {
                "email": to,
                "timestamp": MOMENT,
                "event": event,
                "anymail_id": message_id,
                "sg_event_id": f"sg-{event}-{message_id}",
                "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
                "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
                **data,
            }
            for event, message_id, to, data in events
        ]
    ).encode()


def resend_bounce(kind: str, message_id: str, to: str) -> bytes:
    """https://resend.com/docs/webhooks/emails/bounced"""
    return json.dumps(
        {
            "type": "email.bounced",
            "created_at": "2026-03-02T09:30:00.000Z",
            "data": {
                "email_id": message_id,
                "created_at": "2026-03-02T09:29:00.000Z",
                "from": "alertes@dms.test",
                "to": [to],
                "subject": "Nouveau lead",
                "bounce": {
                    "type": kind,
                    "subType": "General",
                    "message": "The recipient's email provider sent a bounce message.",
                },
            },
        }
    ).encode()
