"""Two of django-anymail's readers of inbound mail, mended: one could wait for ever, the other refuse a good mail."""

from __future__ import annotations

from base64 import b64decode
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urljoin

from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent
from anymail.webhooks.brevo import BrevoInboundWebhookView
from anymail.webhooks.sparkpost import SparkPostInboundWebhookView

from gateways import http

# Seconds for one attachment, while the provider waits for our answer.
_TIMEOUT = 20.0
_MAX_ATTACHMENT = 40 * 1024 * 1024  # bytes; Brevo takes mails up to 20 MB


class BrevoReader(BrevoInboundWebhookView):  # type: ignore[misc]  # anymail has no types
    """Brevo keeps a mail's attachments until they are fetched: here by the safe client, with a deadline and a cap.

    Raises `gateways.http.Unreachable` while one cannot be had.
    """

    def _fetch_attachment(self, attachment: dict[str, Any]) -> AnymailInboundMessage:
        token = quote(attachment["DownloadToken"], safe="")
        answer = http.request(
            "GET",
            urljoin(self.api_url, f"inbound/attachments/{token}"),
            headers={"api-key": self.api_key},
            timeout=_TIMEOUT,
            max_body=_MAX_ATTACHMENT,
        )
        if answer.status != HTTPStatus.OK or answer.is_cut:
            raise http.Unreachable(f"attachment: {answer.status}")
        return AnymailInboundMessage.construct_attachment(
            content_type=answer.headers.get("content-type") or attachment["ContentType"],
            content=answer.body,
            filename=attachment.get("Name"),
            content_id=attachment.get("ContentID"),
        )


class SparkPostReader(SparkPostInboundWebhookView):  # type: ignore[misc]  # anymail has no types
    """SparkPost packs a mail into base64 because it is not UTF-8, and anymail then takes it for UTF-8."""

    def esp_to_anymail_event(
        self, event_class: str, event: dict[str, Any], raw_event: Any
    ) -> AnymailInboundEvent:
        """One mail."""
        content = event.get("content", {})
        if not content.get("email_rfc822_is_base64"):
            return super().esp_to_anymail_event(event_class, event, raw_event)
        empty = {**content, "email_rfc822": "", "email_rfc822_is_base64": False}
        told = super().esp_to_anymail_event(event_class, {**event, "content": empty}, raw_event)
        message = AnymailInboundMessage.parse_raw_mime_bytes(b64decode(content["email_rfc822"]))
        message.envelope_recipient = told.message.envelope_recipient
        told.message = message
        return told
