"""What the mail provider tells us by itself: delivered, bounced, reported as spam.

django-anymail reads each provider's own format and checks its signature, or the name and password in the address
that the provider was given. Without the secret it would believe anybody, so settings refuse to start without.
"""

from __future__ import annotations

import json
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.http import HttpRequest
from django.utils.module_loading import import_string

from gateways.events import MAX_RAW, Meaning, NotSigned, ProviderEvent, Unreadable, key_of, storable

# The class of django-anymail that reads what each provider posts. SMTP, Scaleway and SES (by its own queue) do not.
READERS = {
    "brevo": "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    "mailersend": "anymail.webhooks.mailersend.MailerSendTrackingWebhookView",
    "mailgun": "anymail.webhooks.mailgun.MailgunTrackingWebhookView",
    "mailjet": "anymail.webhooks.mailjet.MailjetTrackingWebhookView",
    "mandrill": "anymail.webhooks.mandrill.MandrillCombinedWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
    "resend": "anymail.webhooks.resend.ResendTrackingWebhookView",
    "sendgrid": "anymail.webhooks.sendgrid.SendGridTrackingWebhookView",
    "sparkpost": "anymail.webhooks.sparkpost.SparkPostTrackingWebhookView",
}

_REPORTED = (Meaning.STOPPED, "email_reported_as_spam")
_GONE = (Meaning.BOUNCED, "email_address_unknown")
_MEANINGS = {
    EventType.QUEUED: (Meaning.ACCEPTED, ""),
    EventType.SENT: (Meaning.ACCEPTED, ""),
    EventType.DEFERRED: (Meaning.ACCEPTED, ""),
    EventType.DELIVERED: (Meaning.DELIVERED, ""),
    EventType.FAILED: (Meaning.FAILED, "email_failed"),
    EventType.BOUNCED: _GONE,
    EventType.COMPLAINED: (Meaning.COMPLAINED, "email_reported_as_spam"),
    EventType.UNSUBSCRIBED: (Meaning.COMPLAINED, "email_unsubscribed"),
    EventType.REJECTED: (Meaning.FAILED, "email_refused_by_provider"),
}
# Why the provider did not even try: what it learned from this address before.
_REJECTED = {
    RejectReason.BOUNCED: _GONE,
    RejectReason.INVALID: _GONE,
    RejectReason.SPAM: _REPORTED,
    RejectReason.UNSUBSCRIBED: (Meaning.STOPPED, "email_unsubscribed"),
}
_NOT_NOW = (Meaning.FAILED, "email_mailbox_full_or_away")
# Why Mailgun gave up (`reason`), where that says something of the address: it also gives up on its own account, when
# it is blocked or was put off for hours. https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages
_AT_MAILGUN = {
    "bounce": _GONE,
    "suppress-bounce": _GONE,
    "suppress-complaint": _REPORTED,
    "suppress-unsubscribe": (Meaning.STOPPED, "email_unsubscribed"),
}
# RFC 3463 and 7505, of the recipient's address. 5.1.7 and 5.1.8 are of the sender's.
_NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
# https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
_HARD_AT_SPARKPOST = frozenset({"10", "30", "90"})


def reader_for(provider: str) -> Any:
    """A fresh reader of what this provider posts, or None for one that posts nothing."""
    path = READERS.get(provider)
    return import_string(path)() if path else None


def read(request: HttpRequest, provider: str) -> list[ProviderEvent]:
    """What the provider of this name tells; opened and clicked mails are nobody's business and are left out.

    Raises `NotSigned`, `Unreadable`.
    """
    reader = reader_for(provider)
    if reader is None or (reader.warn_if_no_basic_auth and not reader.basic_auth):
        raise NotSigned  # without a secret anymail would only warn, and believe
    try:
        reader.run_validators(request)
    except AnymailWebhookValidationFailure:
        raise NotSigned from None
    except Exception as error:  # a body in which no signature can be looked for
        raise NotSigned from error
    try:
        found = [_read_one(event, provider) for event in reader.parse_events(request)]
    except Exception as error:  # anymail takes the provider's word for its own format
        raise Unreadable from error
    return [event for event in found if event is not None]


def _read_one(event: AnymailTrackingEvent, provider: str) -> ProviderEvent | None:
    meaning, error = _meaning_of(event)
    if meaning is None:
        return None
    message_id = storable(event.message_id, 120)
    address = storable(event.recipient, 320).strip().lower()
    moment = event.timestamp.isoformat() if event.timestamp else storable(event.event_id, 200)
    return ProviderEvent(
        provider=provider,
        event_key=key_of(message_id, address, event.event_type, moment),
        message_id=message_id,
        meaning=meaning,
        address=address,
        error=error,
        raw=storable(_raw(event.esp_event), MAX_RAW),
    )


def _meaning_of(event: AnymailTrackingEvent) -> tuple[Meaning | None, str]:
    if event.event_type == EventType.BOUNCED:
        return _bounced(event.esp_event)
    if event.event_type == EventType.REJECTED:
        return _REJECTED.get(event.reject_reason, _MEANINGS[EventType.REJECTED])
    return _MEANINGS.get(event.event_type, (None, ""))


def _bounced(told: Any) -> tuple[Meaning, str]:
    """Anymail calls every kind a bounce; each provider tells in its own way whether the address is to blame."""
    if not hasattr(told, "get"):
        return _GONE
    at_mailgun = told.get("event-data")
    if isinstance(at_mailgun, dict):
        return _given_up_by_mailgun(at_mailgun)
    return _NOT_NOW if _is_soft(told) else _GONE


def _given_up_by_mailgun(told: dict[str, Any]) -> tuple[Meaning, str]:
    status = told.get("delivery-status")
    code = str(status.get("enhanced-code") or "") if isinstance(status, dict) else ""
    usual = _GONE if code in _NO_SUCH_ADDRESS else _NOT_NOW
    return _AT_MAILGUN.get(str(told.get("reason")), usual)


def _is_soft(told: Any) -> bool:
    """Whether the mailbox may take the next message."""
    at_resend = told["data"].get("bounce") if isinstance(told.get("data"), dict) else None
    if isinstance(at_resend, dict) and "type" in at_resend:
        return str(at_resend["type"]) != "Permanent"
    names = " ".join(str(told.get(field, "")) for field in ("event", "type", "Type")).lower()
    if "soft" in names or (told.get("event") == "bounce" and told.get("type") == "blocked"):
        return True
    if "hard_bounce" in told:  # Mailjet
        return not told["hard_bounce"]
    bounce_class = told.get("bounce_class")  # SparkPost
    return bounce_class is not None and str(bounce_class) not in _HARD_AT_SPARKPOST


def _raw(told: Any) -> str:
    if hasattr(told, "urlencode"):
        return str(told.urlencode())
    return json.dumps(told, default=str)
