"""A vehicle that another site wants, gives away, or has sent off."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.money import spoken_cents
from core.signals import Fact
from core.typography import day_words, quoted
from notifications.audiences import person, roles
from notifications.choices import IN_APP, NOTHING, PUSH, Channels
from notifications.declarations import Action, Notice, Unanswered, values_of
from stock.access import ASK, TRANSFER
from stock.notices.category import SAMPLE_TIME, SAMPLE_VEHICLE, STOCK
from stock.signals import (
    TransferAnswered,
    TransferAsked,
    TransferEnded,
    TransferFact,
    TransferSettled,
    TransferStarted,
    transfer_answered,
    transfer_asked,
    transfer_ended,
    transfer_started,
)
from stock.transfer_words import ended

# A customer stands there and waits: after so much open time the site's manager sees to it.
PATIENCE = timedelta(hours=2)

_SAMPLE: dict[str, Any] = {
    **SAMPLE_VEHICLE,
    "transfer_id": UUID("01930000-0000-7000-8000-000000000004"),
    "from_name": "Marseille",
    "to_name": "Lyon",
    "asker_id": 1,
    "asker_name": "Camille Durand",
    "reason": "Il passe samedi pour l'essai.",
    "customer_name": "Paul Martin",
}
# Whoever may ask for a vehicle hears what becomes of it.
_ASKERS: dict[str, Channels] = dict.fromkeys(
    (
        "salesperson",
        "sales_manager",
        "used_car_manager",
        "purchasing_manager",
        "stock_manager",
        "site_manager",
        "group_director",
        "call_agent",
    ),
    IN_APP | PUSH,
)


class AboutTransfer:
    """What the notices of transfers share: the fact in words."""

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        return values_of(fact) | (said_of(fact) if isinstance(fact, TransferFact) else {})


def said_of(fact: TransferFact) -> dict[str, Any]:
    """What the fields alone cannot say, in the active language."""
    expected = fact.expected_on if isinstance(fact, TransferStarted) else None
    settled = fact if isinstance(fact, TransferSettled) else None
    return {
        "money": "" if fact.price is None else spoken_cents(fact.price, fact.currency),
        "for_whom": gettext("for %(customer)s") % {"customer": fact.customer_name}
        if fact.customer_name
        else "",
        "said_reason": quoted(fact.reason),
        "expected": gettext("expected on %(day)s") % {"day": day_words(expected, "j F")} if expected else "",
        "settled": ended(settled.outcome, settled.by_name) if settled else "",
        "said_answer": quoted(settled.answer) if settled else "",
    }


class TransferAskedNotice(AboutTransfer, Notice[TransferAsked]):
    """A colleague elsewhere wants the vehicle: its stock manager says yes or no with one tap (M24)."""

    key = "stock.transfer_asked"
    name = _("Another site asks for a vehicle")
    category = STOCK
    storm = None  # each one waits for a decision
    signal = transfer_asked
    audience = roles("stock_manager", "used_car_manager", "site_manager")
    needs = TRANSFER
    subject = "transfer:{transfer_id}"
    title = _("{to_name} asks for: {vehicle}")
    body = _("{asker_name} · {for_whom} · {said_reason} · {money}")
    sms = _("{to_name} asks for: {vehicle}, {asker_name}")
    url = "/stock/transfers/{transfer_id}/"
    actions = (
        Action(key="accept", label=_("Accept"), post="/api/v1/stock/transfers/{transfer_id}/accept/"),
        Action(
            key="refuse", label=_("Refuse"), post="/api/v1/stock/transfers/{transfer_id}/refuse/", quiet=True
        ),
    )
    channels = {"stock_manager": IN_APP | PUSH, "used_car_manager": NOTHING, "site_manager": NOTHING}
    closes_on = transfer_answered
    closed_text = "{settled}"
    sample = TransferAsked(**_SAMPLE)


class TransferLeftAloneNotice(TransferAskedNotice):
    """Two open hours, and no answer: the manager of the site where it stands."""

    key = "stock.transfer_left_alone"
    name = _("A request for a vehicle, unanswered for two hours")
    follows = Unanswered(TransferAskedNotice, after=PATIENCE)
    audience = roles("site_manager", reason="escalation")
    title = _("No answer for two hours: {vehicle}")
    body = _("{to_name} · {asker_name} · {for_whom} · {said_reason}")
    sms = _("No answer for 2 h: {to_name} asks for {vehicle}")
    channels = {"site_manager": IN_APP | PUSH}


class TransferAnsweredNotice(AboutTransfer, Notice[TransferAnswered]):
    """Yes, no, or sold meanwhile: the asker tells his customer."""

    key = "stock.transfer_answered"
    name = _("The answer to your request for a vehicle")
    category = STOCK
    storm = None
    signal = transfer_answered
    audience = person("asker_id")
    needs = ASK
    subject = "transfer:{transfer_id}"
    title = _("{settled}: {vehicle}")
    body = _("{said_answer} · {from_name} → {to_name} · {for_whom}")
    sms = _("{settled}: {vehicle}")
    url = "/stock/transfers/{transfer_id}/"
    channels = _ASKERS
    sample = TransferAnswered(
        **_SAMPLE, outcome="accepted", by_name="Hugo Ferrand", answer="Elle part demain matin."
    )


class TransferStartedNotice(AboutTransfer, Notice[TransferStarted]):
    """A vehicle is on the road: the receiving site makes room, and the asker can promise a day (M23)."""

    key = "stock.transfer_started"
    name = _("A vehicle is on its way")
    category = STOCK
    signal = transfer_started
    audience = roles("stock_manager") | person("asker_id")
    needs = ASK
    subject = "transfer:{transfer_id}"
    title = _("On its way to {to_name}: {vehicle}")
    body = _("{from_name} · {by_name} · {expected} · {for_whom}")
    sms = _("On its way to {to_name}: {vehicle}, {expected}")
    url = "/stock/transfers/{transfer_id}/"
    actions = (Action(key="receive", label=_("Note its arrival")),)
    channels = _ASKERS
    closes_on = transfer_ended
    closed_text = "{settled}"
    sample = TransferStarted(
        **{**_SAMPLE, "site_id": 2},
        by_name="Hugo Ferrand",
        expected_on=date(2026, 3, 5),
    )


class TransferEndedNotice(AboutTransfer, Notice[TransferEnded]):
    """It arrived, or comes to nothing: the other side knows."""

    key = "stock.transfer_ended"
    name = _("A transfer has ended")
    category = STOCK
    signal = transfer_ended
    audience = person("asker_id") | roles("stock_manager")
    needs = ASK
    subject = "transfer:{transfer_id}"
    title = _("{settled}: {vehicle}")
    body = _("{from_name} → {to_name} · {said_answer} · {for_whom}")
    sms = _("{settled}: {vehicle}")
    url = "/stock/transfers/{transfer_id}/"
    channels = _ASKERS
    sample = TransferEnded(
        **{**_SAMPLE, "occurred_at": SAMPLE_TIME + timedelta(days=3)},
        outcome="received",
        by_name="Sophie Lambert",
        answer="Un éclat sur le pare-brise.",
    )
