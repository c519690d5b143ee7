"""What the approvals engine says of its own side of the ledger: no request without its event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from approvals.models import VERDICTS, ApprovalRequest
from approvals.notices import ApprovalAskedNotice, ApprovalDecidedNotice
from notifications.ledger.statements import Statement, state

_PREFIX = "approval:"


def _asked(since: datetime, until: datetime) -> Iterator[str]:
    requests = ApprovalRequest.objects.filter(asked_at__gte=since, asked_at__lt=until)
    return (f"{_PREFIX}{pk}" for pk in requests.values_list("pk", flat=True))


def _decided(since: datetime, until: datetime) -> Iterator[str]:
    requests = ApprovalRequest.objects.filter(
        status__in=VERDICTS, decided_at__gte=since, decided_at__lt=until
    )
    return (f"{_PREFIX}{pk}" for pk in requests.values_list("pk", flat=True))


def _page(key: str) -> str:
    return reverse("approvals:detail", args=[key.removeprefix(_PREFIX)])


state(Statement(_("Decisions asked for"), ApprovalAskedNotice, _asked, url=_page))
state(Statement(_("Decisions made"), ApprovalDecidedNotice, _decided, url=_page))
