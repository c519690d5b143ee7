"""What time does to a request that nobody answers: one reminder after some open time, and an end.

Business time is a column; the sweep looks for rows that are due. One bad row must not stop the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from approvals import kinds, selectors
from approvals.models import ApprovalRequest, ApprovalStep, Status, StepKind
from approvals.services import facts
from approvals.services.deciding import settle_expired
from approvals.signals import approval_reminded

logger = logging.getLogger(__name__)

# Rows a sweep takes in one go; what is left over is found by the next.
BATCH = 200


def groups_with_work(*, at: datetime) -> list[int]:
    """The groups in which somebody is to be reminded or a request has run out. Runs in every group's scope."""
    due = ApprovalRequest.objects.filter(_to_remind(at) | _to_expire(at))
    return sorted(set(due.values_list("group_id", flat=True)))


def remind_overdue(*, at: datetime) -> int:
    """Ring again for those who have not answered, in the open group; returns how many requests."""
    return _each(ApprovalRequest.objects.filter(_to_remind(at)), lambda request: _remind(request, at))


def expire_overdue(*, at: datetime) -> int:
    """Settle what nobody answered in time, in the open group; returns how many requests."""
    return _each(
        ApprovalRequest.objects.filter(_to_expire(at)), lambda request: settle_expired(request, at=at)
    )


def _to_remind(at: datetime) -> Q:
    return Q(status=Status.PENDING, remind_at__lte=at, expires_at__gt=at)


def _to_expire(at: datetime) -> Q:
    return Q(status=Status.PENDING, expires_at__lte=at)


def _each(requests: QuerySet[ApprovalRequest], do: Callable[[ApprovalRequest], bool]) -> int:
    done = 0
    for request in selectors.with_people(requests).order_by("pk")[:BATCH]:
        try:
            with transaction.atomic():
                done += do(request)
        except Exception:
            logger.exception("Approval request %s could not be looked after", request.pk)
    return done


def _remind(request: ApprovalRequest, at: datetime) -> bool:
    """One reminder, whichever sweep comes first."""
    waiting = ApprovalRequest.objects.filter(
        pk=request.pk, status=Status.PENDING, remind_at=request.remind_at
    )
    if not waiting.update(remind_at=None):
        return False
    step = ApprovalStep.objects.create(
        group_id=request.group_id, request=request, kind=StepKind.REMINDED, at=at
    )
    approval_reminded.send(facts.asked(request, step, _whom(request)))
    return True


def _whom(request: ApprovalRequest) -> tuple[int, ...]:
    """Those who were asked, as roles are now, and the colleague to whom it was passed on."""
    kind = kinds.get(request.kind)
    asked = selectors.decider_ids(
        kind, site_id=request.site_id, cents=request.amount, asker_id=request.asked_by_id
    )
    return asked if request.delegate_id is None else tuple(sorted({*asked, request.delegate_id}))
