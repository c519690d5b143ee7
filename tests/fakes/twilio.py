"""Twilio's message resource (API 2010-04-01) as it speaks: a form in, JSON out, its own error codes."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core import clock
from tests.fakes.server import FakeServer, Received, Reply

ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "token", "+33700000000"
_PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


class FakeTwilio(FakeServer):
    """Keeps what it accepted in `messages`, newest first, as its list answers them.

    `answers_after` seconds go by between taking a message and saying so; a number in `hears_nothing_of` has its
    message held as long and never taken.
    """

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.loses_answers = False
        self.answers_after = 0.0
        self.hears_nothing_of: set[str] = set()
        self._numbers = itertools.count(1)  # messages arrive side by side, and no two may share a SID

    def reply_to(self, request: Received) -> Reply:
        basic = "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if request.headers.get("authorization") != basic:
            return refusal(401, 20003, "Authenticate")
        address = urlsplit(request.path)
        if address.path != _PATH:
            return refusal(404, 20404, "The requested resource was not found")
        if request.method == "GET":
            return self._list(parse_qs(address.query))
        return self._create(parse_qs(request.body.decode()))

    def asked_about(self, number: str) -> list[str]:
        """The methods of the requests about this number, in the order in which they came."""
        return [request.method for request in self.received if _number_of(request) == number]

    def taken_for(self, number: str) -> list[dict[str, Any]]:
        """The messages that it took for this number, newest first."""
        return [message for message in self.messages if message["to"] == number]

    def accept(self, to: str, body: str, status: str = "queued") -> dict[str, Any]:
        """What Twilio keeps of an accepted message."""
        message: dict[str, Any] = {
            "sid": f"SM{next(self._numbers):032x}",
            "account_sid": ACCOUNT,
            "to": to,
            "from": SENDER,
            "body": body,
            "status": status,
            "direction": "outbound-api",
            "num_segments": "1",
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "error_message": None,
            "api_version": "2010-04-01",
            "messaging_service_sid": None,
            "date_created": format_datetime(clock.now()),
            "date_updated": format_datetime(clock.now()),
            "date_sent": None,
            "uri": _PATH,
            "subresource_uris": {},
        }
        self.messages.insert(0, message)
        return message

    def _create(self, form: dict[str, list[str]]) -> Reply:
        to, body = form.get("To", [""])[0], form.get("Body", [""])[0]
        if not body:
            return refusal(400, 21602, "Message body is required.")
        if not to.startswith("+"):
            return refusal(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        if "From" not in form and "MessagingServiceSid" not in form:
            return refusal(400, 21603, "A 'From' phone number is required.")
        if to in self.hears_nothing_of:
            return Reply(hang_up=True, delay=self.answers_after)
        message = self.accept(to, body)
        if self.loses_answers:
            return Reply(hang_up=True)
        return replace(as_json(201, message), delay=self.answers_after)

    def _list(self, query: dict[str, list[str]]) -> Reply:
        to = query.get("To", [""])[0]
        found = self.taken_for(to) if to else self.messages
        page = {
            "messages": found,
            "page": 0,
            "page_size": 50,
            "start": 0,
            "end": max(len(found) - 1, 0),
            "uri": _PATH,
            "first_page_uri": _PATH,
            "next_page_uri": None,
            "previous_page_uri": None,
        }
        return as_json(200, page)


def signature_of(url: str, form: Mapping[str, str], token: str = TOKEN) -> str:
    """X-Twilio-Signature: HMAC-SHA1 over the address and every field in order of its name, in base64."""
    words = url + "".join(name + form[name] for name in sorted(form))
    return b64encode(hmac.new(token.encode(), words.encode(), hashlib.sha1).digest()).decode()


def status_form(sid: str, status: str, to: str = "+33611111111", code: str = "") -> dict[str, str]:
    """What Twilio posts to a message's StatusCallback."""
    form = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": SENDER,
        "MessageSid": sid,
        "MessageStatus": status,
        "SmsSid": sid,
        "SmsStatus": status,
        "To": to,
    }
    return {**form, "ErrorCode": code} if code else form


def answer_form(sid: str, number: str, body: str) -> dict[str, str]:
    """What Twilio posts when somebody texts to the account's number."""
    return {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": number,
        "FromCity": "",
        "FromCountry": "FR",
        "FromState": "",
        "FromZip": "",
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": SENDER,
        "ToCity": "",
        "ToCountry": "FR",
        "ToState": "",
        "ToZip": "",
    }


def _number_of(request: Received) -> str:
    words = request.body.decode() if request.method == "POST" else urlsplit(request.path).query
    return parse_qs(words).get("To", [""])[0]


def refusal(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> Reply:
    """Twilio's error body."""
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": more_info, "status": status}
    return as_json(status, body, headers)


def as_json(status: int, body: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})
