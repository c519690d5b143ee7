"""Postmark's email resource as it speaks: JSON in, JSON out (https://postmarkapp.com/developer/api/email-api)."""

from __future__ import annotations

import itertools
import json

from tests.fakes.server import FakeServer, Received, Reply
from tests.fakes.twilio import as_json

TOKEN = "postmark-token"


class FakePostmark(FakeServer):
    """Keeps what it accepted in `mails`, as it was posted."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[dict[str, object]] = []
        self._numbers = itertools.count(1)

    def reply_to(self, request: Received) -> Reply:
        if request.headers.get("x-postmark-server-token") != TOKEN:
            return as_json(
                401, {"ErrorCode": 10, "Message": "No Account or Server API tokens were supplied."}
            )
        mail = json.loads(request.body)
        self.mails.append(mail)
        answer = {
            "To": mail["To"],
            "SubmittedAt": "2026-03-02T09:30:00Z",
            "MessageID": f"00000000-0000-4000-8000-{next(self._numbers):012d}",
            "ErrorCode": 0,
            "Message": "OK",
        }
        return as_json(200, answer)
