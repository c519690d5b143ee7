"""Sentences about leads that pages and API say alike."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.typography import day_words
from leads.models import LeadStatus
from leads.services import AlreadyClaimed, AlreadyReviewed


def taken_by(lost: AlreadyClaimed) -> str:
    """Who was faster, and when by the clock of the site."""
    moment = timezone.localtime(lost.at, lost.zone)
    return _("%(winner)s took this lead on %(day)s at %(time)s.") % {
        "winner": lost.winner_name,
        "day": day_words(moment),
        "time": date_format(moment, "TIME_FORMAT"),
    }


def judged_already(decided: AlreadyReviewed) -> str:
    """What a request in quarantine has become."""
    return _("Somebody has already decided: %(status)s.") % {"status": LeadStatus(decided.status).label}
