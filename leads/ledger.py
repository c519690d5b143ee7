"""What the leads app says of its own side of the ledger: no accepted lead, and no claim, without its event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leads.models import SUSPECT, Lead
from leads.notices import LeadQuarantinedNotice, LeadReceivedNotice
from notifications.ledger.statements import Statement, state
from notifications.models import EventKind

_PREFIX = "lead:"


def _received(since: datetime, until: datetime) -> Iterator[str]:
    leads = Lead.objects.filter(received_at__gte=since, received_at__lt=until).exclude(status__in=SUSPECT)
    return (f"{_PREFIX}{pk}" for pk in leads.values_list("pk", flat=True))


def _quarantined(since: datetime, until: datetime) -> Iterator[str]:
    leads = Lead.objects.filter(received_at__gte=since, received_at__lt=until).exclude(quarantine_reason="")
    return (f"{_PREFIX}{pk}" for pk in leads.values_list("pk", flat=True))


def _claimed(since: datetime, until: datetime) -> Iterator[str]:
    leads = Lead.objects.filter(claimed_at__gte=since, claimed_at__lt=until)
    return (f"{_PREFIX}{pk}" for pk in leads.values_list("pk", flat=True))


def _page(key: str) -> str:
    return reverse("leads:detail", args=[key.removeprefix(_PREFIX)])


state(Statement(_("Leads received"), LeadReceivedNotice, _received, url=_page))
state(Statement(_("Leads taken"), LeadReceivedNotice, _claimed, kind=EventKind.CLOSING, url=_page))
state(Statement(_("Requests in quarantine"), LeadQuarantinedNotice, _quarantined, url=_page))
