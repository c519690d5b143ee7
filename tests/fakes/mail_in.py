"""What mail providers post when a mail comes in, as they post it: JSON with files in base64, or forms with files."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from tests.fakes.mail_events import MOMENT, SIGNING_KEY

SENDER = "export@dealer.example"
File = tuple[str, bytes]


def mail(to: str, *files: File, message_id: str = "<1@dealer.example>", **headers: str) -> bytes:
    """A mail as it travels, with line ends of the wire."""
    message = EmailMessage()
    told = {"From": SENDER, "To": to, "Subject": "Stock du jour", "Date": "Mon, 02 Mar 2026 09:30:00 +0100"}
    for name, value in {**told, "Message-ID": message_id, **headers}.items():
        if value:
            message[name.replace("_", "-")] = value
    message.set_content("Bonjour, voici le stock. À bientôt.")
    for name, data in files:
        message.add_attachment(data, maintype="text", subtype="csv", filename=name)
    return message.as_bytes().replace(b"\n", b"\r\n")


def form(fields: Mapping[str, str | bytes], files: Mapping[str, File] | None = None) -> tuple[bytes, str]:
    """A form with files, and its content type."""
    boundary = "------------------------d74496d66958873e"
    parts = [
        b'Content-Disposition: form-data; name="%s"\r\n\r\n%s'
        % (name.encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in fields.items()
    ]
    for name, (file_name, data) in (files or {}).items():
        disposition = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        parts.append(disposition.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + data)
    line = b"--" + boundary.encode()
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
    return body, f"multipart/form-data; boundary={boundary}"


def postmark(to: str, *files: File, message_id: str = "<1@dealer.example>", **told: Any) -> bytes:
    """https://postmarkapp.com/developer/webhooks/inbound-webhook"""
    return json.dumps(
        {
            "FromName": "Export",
            "From": SENDER,
            "FromFull": {"Email": SENDER, "Name": "Export", "MailboxHash": ""},
            "To": to,
            "ToFull": [{"Email": to, "Name": "", "MailboxHash": ""}],
            "Cc": "",
            "CcFull": [],
            "BccFull": [],
            "OriginalRecipient": to,
            "Subject": "Stock du jour",
            "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b",
            "ReplyTo": "",
            "MailboxHash": "",
            "Date": "Mon, 2 Mar 2026 09:30:00 +0100",
            "TextBody": "Bonjour, voici le stock.",
            "HtmlBody": "",
            "StrippedTextReply": "",
            "Tag": "",
            "Headers": [
                {"Name": "Return-Path", "Value": f"<{SENDER}>"},
                {"Name": "Message-ID", "Value": message_id},
                {"Name": "X-Spam-Status", "Value": "No"},
            ],
            "Attachments": [
                {
                    "Name": name,
                    "Content": b64encode(data).decode(),
                    "ContentType": "application/octet-stream",
                    "ContentLength": len(data),
                    "ContentID": "",
                }
                for name, data in files
            ],
            **told,
        }
    ).encode()


def mailgun(to: str, *files: File, key: str = SIGNING_KEY, whole: bytes = b"") -> tuple[bytes, str]:
    """https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http"""
    token, timestamp = "a" * 50, str(MOMENT)
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    headers = [["From", SENDER], ["To", to], ["Message-Id", "<1@dealer.example>"], ["Subject", "Stock"]]
    fields: dict[str, str | bytes] = {
        "recipient": to,
        "sender": SENDER,
        "from": f"Export <{SENDER}>",
        "subject": "Stock",
        "timestamp": timestamp,
        "token": token,
        "signature": signature,
    }
    if whole:
        return form({**fields, "body-mime": whole})
    parsed = {
        "body-plain": "Bonjour",
        "message-headers": json.dumps(headers),
        "attachment-count": str(len(files)),
    }
    return form({**fields, **parsed}, {f"attachment-{n}": file for n, file in enumerate(files, start=1)})


def sendgrid(to: str, *files: File, whole: bytes = b"") -> tuple[bytes, str]:
    """https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook"""
    fields: dict[str, str | bytes] = {
        "envelope": json.dumps({"to": [to], "from": SENDER}),
        "sender_ip": "192.0.2.1",
        "spam_score": "0.1",
        "SPF": "pass",
        "subject": "Stock",
        "to": to,
        "from": SENDER,
    }
    if whole:
        return form({**fields, "email": whole})
    info = {f"attachment{n}": {"filename": name, "name": name} for n, (name, _) in enumerate(files, start=1)}
    parsed = {
        "headers": f"From: {SENDER}\nTo: {to}\nMessage-ID: <1@dealer.example>\nSubject: Stock\n",
        "text": "Bonjour",
        "charsets": json.dumps({"to": "UTF-8", "subject": "UTF-8", "from": "UTF-8", "text": "utf-8"}),
        "attachments": str(len(files)),
        "attachment-info": json.dumps(info),
    }
    return form({**fields, **parsed}, {f"attachment{n}": file for n, file in enumerate(files, start=1)})


def sparkpost(*mails: tuple[str, bytes]) -> bytes:
    """https://developers.sparkpost.com/api/relay-webhooks/: many in one post, each (recipient, mail)."""
    return json.dumps(
        [
            {
                "msys": {
                    "relay_message": {
                        "content": {
                            "email_rfc822": b64encode(whole).decode(),
                            "email_rfc822_is_base64": True,
                            "subject": "Stock",
                            "to": [to],
                        },
                        "friendly_from": SENDER,
                        "msg_from": SENDER,
                        "protocol": "smtp",
                        "rcpt_to": to,
                        "webhook_id": "4839201967643219",
                    }
                }
            }
            for to, whole in mails
        ]
    ).encode()


def mailjet(to: str, *files: File) -> bytes:
    """https://dev.mailjet.com/email/guides/parse-api/"""
    parts = [
        {
            "Headers": {
                "Content-Type": f'text/csv; name="{name}"',
                "Content-Disposition": f'attachment; filename="{name}"',
            },
            "ContentRef": f"Attachment{number}",
        }
        for number, (name, _data) in enumerate(files, start=1)
    ]
    contents = {
        f"Attachment{number}": b64encode(data).decode() for number, (_name, data) in enumerate(files, start=1)
    }
    return json.dumps(
        {
            "Sender": SENDER,
            "Recipient": to,
            "Date": "20260302T083000",
            "From": f"Export <{SENDER}>",
            "Subject": "Stock",
            "Headers": {
                "From": [SENDER],
                "To": [to],
                "Message-ID": ["<1@dealer.example>"],
                "Received": ["by 192.0.2.1", "by 192.0.2.2"],
            },
            "Parts": parts,
            "Text-part": "Bonjour",
            "SpamAssassinScore": "0.602",
            **contents,
        }
    ).encode()


def brevo(to: str, *names: str) -> bytes:
    """https://developers.brevo.com/docs/inbound-parse-webhooks: files are fetched by token."""
    return json.dumps(
        {
            "items": [
                {
                    "Uuid": ["1ac2f5a0-0000-4000-8000-000000000001"],
                    "MessageId": "<1@dealer.example>",
                    "Recipients": [to],
                    "From": {"Name": "Export", "Address": SENDER},
                    "To": [{"Name": None, "Address": to}],
                    "Subject": "Stock",
                    "Headers": {
                        "Delivered-To": to,
                        "From": SENDER,
                        "To": to,
                        "Message-ID": "<1@dealer.example>",
                    },
                    "RawTextBody": "Bonjour",
                    "RawHtmlBody": "",
                    "SpamScore": 0.1,
                    "Attachments": [
                        {
                            "Name": name,
                            "ContentType": "text/csv",
                            "ContentLength": 10,
                            "ContentID": None,
                            "DownloadToken": f"token/{name}",
                        }
                        for name in names
                    ],
                }
            ]
        }
    ).encode()


def mailersend(to: str, whole: bytes) -> bytes:
    """https://developers.mailersend.com/api/v1/inbound.html; the signature is over the body."""
    return json.dumps(
        {
            "type": "inbound.message",
            "inbound_id": "inbound_1",
            "created_at": "2026-03-02T08:30:00.000000Z",
            "data": {
                "object": "message",
                "id": "62ac6ab1",
                "recipients": {"rcptTo": [{"email": to}], "to": {"raw": to, "data": [{"email": to}]}},
                "sender": {"email": SENDER},
                "subject": "Stock",
                "raw": whole.decode(),
            },
        }
    ).encode()
