"""Deciding: one conditional UPDATE answers the question; whoever comes later learns who did, when and how."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation

from approvals import kinds, selectors
from approvals.models import VERDICTS, ApprovalRequest, ApprovalStep, Status, StepKind
from approvals.services import facts
from approvals.signals import approval_decided
from sites.access import Member
from sites.models import User


class RequestNotFound(Exception):
    """There is no such request, or the person may not know of it; the two must look alike."""


class DecisionNotAllowed(Exception):
    """The person may see the request, but it is not his to decide: his own, or above his role."""


class RequestChanged(Exception):
    """The request is open, but no longer as the person saw it."""


class AlreadyDecided(Exception):
    """The decision that stands: `status` since `at` by `name` (empty when it expired); `zone` is the site's.

    `is_lapsed`: nobody decided nor took it back, `comment` says what overtook it.
    """

    def __init__(self, request: ApprovalRequest) -> None:
        super().__init__(request.pk, request.status)
        self.status = Status(request.status) if not request.is_pending else Status.EXPIRED
        self.name = request.decided_by.full_name if request.decided_by else ""
        self.at = request.decided_at or request.expires_at
        self.comment = request.comment
        self.is_lapsed = self.status == Status.WITHDRAWN and request.decided_by_id != request.asked_by_id
        self.zone: ZoneInfo = request.site.zone


def decide_request(
    *,
    request_id: UUID,
    verdict: Status,
    by: Member,
    at: datetime,
    comment: str = "",
    version: int | None = None,
) -> ApprovalRequest:
    """Approve or refuse; the same answer by the same person again changes nothing.

    `version` is the request's as the person saw it; None answers whatever it is now.

    Raises:
        RequestNotFound: no such request for this person.
        DecisionNotAllowed: it is his own, or he may only look at it.
        AlreadyDecided: it is settled, or its time is over.
        RequestChanged: it is open, in another version.
    """
    if verdict not in VERDICTS:
        raise ValueError(verdict)
    with transaction.atomic():
        seen = selectors.request_for(by, request_id)
        if seen is None:
            raise RequestNotFound(request_id)
        if not selectors.may_decide(seen, by):
            raise DecisionNotAllowed(request_id)
        kind = kinds.get(seen.kind)
        if verdict == Status.APPROVED:
            kind.hold(seen)
        if not _settle(seen, verdict, by=by.user, at=at, comment=comment, version=version):
            return _standing(seen, verdict, by, at)
        if verdict == Status.APPROVED:
            kind.approve(seen, by=by, at=at)
    return seen


def withdraw_request(*, request_id: UUID, by: Member, at: datetime) -> ApprovalRequest:
    """The asker takes his question back. Raises RequestNotFound, DecisionNotAllowed, AlreadyDecided."""
    with transaction.atomic():
        seen = selectors.request_for(by, request_id)
        if seen is None:
            raise RequestNotFound(request_id)
        if seen.asked_by_id != by.user.pk:
            raise DecisionNotAllowed(request_id)
        if not _settle(seen, Status.WITHDRAWN, by=by.user, at=at):
            return _standing(seen, Status.WITHDRAWN, by, at)
    return seen


def lapse_requests(
    *, kind: str, subject: str, why: Callable[[], str], by: User | None, at: datetime
) -> list[ApprovalRequest]:
    """End what is asked about something that has become another thing meanwhile; the askers hear it at once.

    `by` changed it, None where no person did; `why` is said in each asker's language. Runs in the transaction of the
    change, whose caller has locked the thing itself.
    """
    open_ones = ApprovalRequest.objects.filter(kind=kind, subject=subject, status=Status.PENDING)
    lapsed = []
    for request in selectors.with_people(open_ones):
        with translation.override(request.asked_by.language):
            comment = why()
        if _settle(request, Status.WITHDRAWN, by=by, at=at, comment=comment):
            lapsed.append(request)
    return lapsed


def settle_expired(request: ApprovalRequest, *, at: datetime) -> bool:
    """Nobody answered in time; false when somebody did after all. Runs in the caller's transaction."""
    return _settle(request, Status.EXPIRED, by=None, at=at)


def _settle(
    request: ApprovalRequest,
    status: Status,
    *,
    by: User | None,
    at: datetime,
    comment: str = "",
    version: int | None = None,
) -> bool:
    """The compare-and-set, its step and its fact; false when the request was settled, late or changed."""
    rows = ApprovalRequest.objects.filter(pk=request.pk, status=Status.PENDING)
    is_over = status == Status.EXPIRED
    rows = rows.filter(expires_at__lte=at) if is_over else rows.filter(expires_at__gt=at)
    if version is not None:
        rows = rows.filter(version=version)
    if not rows.update(status=status, decided_by=by, decided_at=at, comment=comment, remind_at=None):
        return False
    request.status, request.decided_by, request.decided_at, request.comment = status, by, at, comment
    step = ApprovalStep.objects.create(
        group_id=request.group_id, request=request, kind=StepKind(status), at=at, by=by, comment=comment
    )
    approval_decided.send(facts.decided(request, step))
    return True


def _standing(request: ApprovalRequest, wanted: Status, by: Member, at: datetime) -> ApprovalRequest:
    """What stands instead of the wanted answer: the person's own same one, or an exception that tells of it."""
    now_is = selectors.with_people(ApprovalRequest.objects.filter(pk=request.pk)).get()
    if now_is.status == wanted and now_is.decided_by_id == by.user.pk:
        return now_is
    if now_is.is_open(at):
        raise RequestChanged(request.pk)
    raise AlreadyDecided(now_is)
