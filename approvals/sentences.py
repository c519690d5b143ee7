"""Sentences about requests that pages, notices and API say alike."""

from __future__ import annotations

from datetime import datetime, tzinfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from approvals.models import Status
from approvals.services import AlreadyDecided
from core.typography import day_words


def settled(outcome: str, name: str) -> str:
    """How it ended and by whom: « Approved by Claire Fontaine ». What lapsed by an import has nobody's name."""
    if outcome == Status.WITHDRAWN and not name:
        return _("Withdrawn: no longer needed")
    words = {
        Status.APPROVED: _("Approved by %(name)s"),
        Status.REFUSED: _("Refused by %(name)s"),
        Status.WITHDRAWN: _("Withdrawn by %(name)s"),
        Status.EXPIRED: _("Expired: nobody decided in time"),
    }
    return words[Status(outcome)] % {"name": name}


def stands(lost: AlreadyDecided) -> str:
    """The decision that stands, with who and when by the clock of the site."""
    if lost.is_lapsed:
        words = _("This request ended on %(day)s at %(time)s. %(why)s")
        return words % {"why": lost.comment, **_clock(lost.at, lost.zone)}
    sentences = {
        Status.APPROVED: _("%(name)s approved this on %(day)s at %(time)s."),
        Status.REFUSED: _("%(name)s refused this on %(day)s at %(time)s."),
        Status.WITHDRAWN: _("%(name)s withdrew this on %(day)s at %(time)s."),
        Status.EXPIRED: _("Nobody decided in time: this expired on %(day)s at %(time)s."),
    }
    return sentences[lost.status] % {"name": lost.name, **_clock(lost.at, lost.zone)}


def _clock(at: datetime, zone: tzinfo) -> dict[str, str]:
    moment = timezone.localtime(at, zone)
    return {"day": day_words(moment), "time": date_format(moment, "TIME_FORMAT")}
