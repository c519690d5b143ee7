"""Short words for the tests of receipts: a provider calls, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from notifications.models import Delivery, ProviderReceipt
from sites.models import Site, User
from sites.scope import every_group
from tests.fakes.twilio import signature_of, status_form
from tests.notifications.road import received, tell_and_route

PUBLIC = "https://dms.test"
STATUS = "/webhooks/twilio/status/"
FORM = "application/x-www-form-urlencoded"


def accepted_text(site: Site, person: User, sid: str = "SM1", **fields: Any) -> Delivery:
    """A text to this person, who wants texts, that Twilio took under the name `sid`."""
    event = tell_and_route(received(site))
    rows = Delivery.objects.filter(notification__event=event, notification__user=person, channel="sms")
    rows.update(**{"state": "accepted", "provider_id": sid, **fields})
    return rows.get()


def call(path: str, form: Mapping[str, str], *, signature: str | None = None, at: str = PUBLIC) -> Any:
    """Twilio calls this path, which it knows under the address `at`."""
    signed = signature_of(at + path, form) if signature is None else signature
    return Client().post(path, urlencode(form), FORM, headers={"X-Twilio-Signature": signed})


def tell_status(sid: str, status: str, code: str = "", *, about: int | None = None) -> Any:
    query = f"?delivery={about}" if about else ""
    return call(STATUS + query, status_form(sid, status, code=code))


def state_of(delivery: Delivery) -> str:
    with every_group():
        return Delivery.objects.values_list("state", flat=True).get(pk=delivery.pk)


def outcomes() -> list[str]:
    return list(ProviderReceipt.objects.order_by("pk").values_list("outcome", flat=True))
