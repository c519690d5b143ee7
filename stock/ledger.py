"""The stock's own side of the ledger: nothing asked, answered, short, aged or found without its event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from notifications.ledger.statements import Statement, state
from notifications.models import EventKind
from stock.models import AgeMark, Threshold, Transfer, WantedMatch
from stock.notices import (
    MatchesFoundNotice,
    SegmentFellShortNotice,
    TransferAskedNotice,
    TransferStartedNotice,
    VehiclesAgedNotice,
)

_PREFIX = "transfer:"
_SENT_UNASKED = Q(decided_at__isnull=True, sent_at__isnull=False)


def _asked(since: datetime, until: datetime) -> Iterator[str]:
    rows = Transfer.objects.filter(asked_at__gte=since, asked_at__lt=until).exclude(_SENT_UNASKED)
    return (f"{_PREFIX}{pk}" for pk in rows.values_list("pk", flat=True))


def _answered(since: datetime, until: datetime) -> Iterator[str]:
    rows = Transfer.objects.filter(decided_at__gte=since, decided_at__lt=until)
    return (f"{_PREFIX}{pk}" for pk in rows.values_list("pk", flat=True))


def _started(since: datetime, until: datetime) -> Iterator[str]:
    rows = Transfer.objects.filter(sent_at__gte=since, sent_at__lt=until)
    return (f"{_PREFIX}{pk}" for pk in rows.values_list("pk", flat=True))


def _short(since: datetime, until: datetime) -> Iterator[str]:
    rows = Threshold.objects.filter(below_since__gte=since, below_since__lt=until)
    return (f"threshold:{pk}:{spells}" for pk, spells in rows.values_list("pk", "spells"))


def _aged(since: datetime, until: datetime) -> Iterator[str]:
    """A morning's alert, by each of the vehicles that it told of."""
    rows = AgeMark.objects.filter(told_at__gte=since, told_at__lt=until).select_related("site")
    days = {(mark.site_id, mark.told_at.astimezone(mark.site.zone).date()) for mark in rows}
    return (f"ageing:{site_id}:{day}" for site_id, day in sorted(days))


def _found(since: datetime, until: datetime) -> Iterator[str]:
    rows = WantedMatch.objects.filter(told_at__gte=since, told_at__lt=until).select_related("wanted__site")
    days = {
        (match.wanted.salesperson_id, match.told_at.astimezone(match.wanted.site.zone).date())
        for match in rows
        if match.told_at
    }
    return (f"wanted:{person_id}:{day}" for person_id, day in sorted(days))


def _transfer_page(key: str) -> str:
    return reverse("stock:transfer", args=[key.removeprefix(_PREFIX)])


def _thresholds_page(_key: str) -> str:
    return reverse("stock:thresholds")


state(Statement(_("Vehicles asked for"), TransferAskedNotice, _asked, url=_transfer_page))
state(
    Statement(
        _("Answers about vehicles"),
        TransferAskedNotice,
        _answered,
        kind=EventKind.CLOSING,
        url=_transfer_page,
    )
)
state(Statement(_("Vehicles sent off"), TransferStartedNotice, _started, url=_transfer_page))
state(Statement(_("Thresholds that fell short"), SegmentFellShortNotice, _short, url=_thresholds_page))
state(Statement(_("Mornings with aged vehicles"), VehiclesAgedNotice, _aged))
state(Statement(_("Mornings with wanted cars found"), MatchesFoundNotice, _found))
