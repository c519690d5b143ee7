"""How a transfer stands, in the words that pages, notices and API share."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.typography import day_words
from stock.models import Transfer, TransferState


class Outcome(TextChoices):
    """What a fact says of an end. The last three are nobody's deed: the watch saw them. Words: `ended`."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    SENT = "sent"
    RECEIVED = "received"
    CANCELLED = "cancelled"
    SOLD = "sold"
    ARRIVED = "arrived"
    ELSEWHERE = "elsewhere"


def ended(outcome: str, name: str) -> str:
    """How it ended and by whom: « Accepted by Hugo Ferrand »."""
    words = {
        Outcome.ACCEPTED: _("Accepted by %(name)s"),
        Outcome.REFUSED: _("Refused by %(name)s"),
        Outcome.SENT: _("Sent by %(name)s"),
        Outcome.RECEIVED: _("Received by %(name)s"),
        Outcome.CANCELLED: _("Called off by %(name)s"),
        Outcome.SOLD: _("No longer in stock"),
        Outcome.ARRIVED: _("Stands at its destination already"),
        Outcome.ELSEWHERE: _("Stands on another site now"),
    }
    return words[Outcome(outcome)] % {"name": name}


def stands(transfer: Transfer) -> str:
    """What is true now, for somebody who came too late; people and sites are loaded."""
    who, at, words = {
        TransferState.ACCEPTED: (
            transfer.decided_by,
            transfer.decided_at,
            _("%(name)s accepted this on %(day)s at %(time)s."),
        ),
        TransferState.REFUSED: (
            transfer.decided_by,
            transfer.decided_at,
            _("%(name)s refused this on %(day)s at %(time)s."),
        ),
        TransferState.UNDER_WAY: (
            transfer.sent_by,
            transfer.sent_at,
            _("%(name)s sent the vehicle off on %(day)s at %(time)s."),
        ),
        TransferState.RECEIVED: (
            transfer.received_by,
            transfer.received_at,
            _("%(name)s received the vehicle on %(day)s at %(time)s."),
        ),
        TransferState.CANCELLED: (
            transfer.cancelled_by,
            transfer.cancelled_at,
            _("%(name)s called this off on %(day)s at %(time)s."),
        ),
    }.get(TransferState(transfer.state), (None, None, ""))
    if at is None:
        return _("Nobody has answered yet.")
    if who is None:
        return _("The vehicle was sold, withdrawn or moved meanwhile: this request has ended by itself.")
    moment = timezone.localtime(at, transfer.from_site.zone)
    said = {"day": day_words(moment), "time": date_format(moment, "TIME_FORMAT")}
    return words % {"name": who.full_name, **said}
