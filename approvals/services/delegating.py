"""Passing a request on: one colleague may answer it as well, in the name of the decider who passed it on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals import kinds, selectors
from approvals.models import ApprovalRequest, ApprovalStep, Status, StepKind
from approvals.services import facts
from approvals.services.deciding import AlreadyDecided, DecisionNotAllowed, RequestChanged, RequestNotFound
from approvals.signals import approval_delegated
from sites.access import Member
from sites.hours import hours_of
from sites.models import User


class NotAColleague(Exception):
    """The person may decide nothing on this site, or it is the asker or the decider himself."""


def delegate_request(
    *, request_id: UUID, to_id: int, by: Member, at: datetime, comment: str = ""
) -> ApprovalRequest:
    """Let one colleague decide as well. Only who may decide in his own right passes on, so no chain grows.

    The version rises, so that decision links sent before no longer fit; the reminder starts anew.

    Raises:
        RequestNotFound, DecisionNotAllowed, NotAColleague.
        AlreadyDecided: it is settled, or its time is over.
        RequestChanged: somebody else passed it on in the same moment.
    """
    with transaction.atomic():
        seen = selectors.request_for(by, request_id)
        if seen is None:
            raise RequestNotFound(request_id)
        if not selectors.stands_on_ladder(seen, by):
            raise DecisionNotAllowed(request_id)
        colleague = _colleague(seen, to_id, by)
        _hand_over(seen, colleague, by, at)
        step = ApprovalStep.objects.create(
            group_id=seen.group_id,
            request=seen,
            kind=StepKind.DELEGATED,
            at=at,
            by=by.user,
            to=colleague,
            comment=comment,
        )
        approval_delegated.send(facts.delegated(seen, step))
    return seen


def _colleague(request: ApprovalRequest, to_id: int, by: Member) -> User:
    for user in selectors.colleagues_to_ask(request, by):
        if user.pk == to_id:
            return user
    raise NotAColleague(to_id)


def _hand_over(request: ApprovalRequest, to: User, by: Member, at: datetime) -> None:
    remind_at = hours_of(request.site).after_open(at, kinds.get(request.kind).remind_after)
    as_seen = ApprovalRequest.objects.filter(
        pk=request.pk, status=Status.PENDING, version=request.version, expires_at__gt=at
    )
    if not as_seen.update(
        delegate=to, delegated_by=by.user, remind_at=remind_at, version=request.version + 1
    ):
        now_is = selectors.with_people(ApprovalRequest.objects.filter(pk=request.pk)).get()
        raise RequestChanged(request.pk) if now_is.is_open(at) else AlreadyDecided(now_is)
    request.delegate, request.delegated_by, request.remind_at = to, by.user, remind_at
    request.version += 1
