"""Asking: one open question of a kind about one thing, to people who can answer it."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from approvals.kinds import ApprovalKind
from approvals.models import ApprovalRequest, ApprovalStep, Status, StepKind
from approvals.selectors import decider_ids
from approvals.services import facts
from approvals.signals import approval_asked
from core.money import currency_of
from sites.access import Member
from sites.hours import hours_of
from sites.models import Site


class NobodyToAsk(Exception):
    """Nobody but the asker may decide about this amount on this site."""


class AlreadyAsked(Exception):
    """The same is asked already and waits for its answer."""


def ask_for_approval(
    *,
    kind: type[ApprovalKind],
    subject: str,
    about: str,
    site: Site,
    reason: str,
    by: Member,
    at: datetime,
    cents: int | None = None,
) -> ApprovalRequest:
    """Ask those who may decide. The amount is in cents of the site's currency.

    Raises:
        NobodyToAsk: nobody else may decide.
        AlreadyAsked: a request of this kind about this subject is open.
    """
    deciders = decider_ids(kind, site_id=site.pk, cents=cents, asker_id=by.user.pk)
    if not deciders:
        raise NobodyToAsk
    request = ApprovalRequest(
        group_id=by.group_id,
        kind=kind.key,
        subject=subject,
        about=about,
        site=site,
        amount=cents,
        currency=currency_of(site.country) if cents is not None else "",
        reason=reason,
        asked_by=by.user,
        asked_at=at,
        expires_at=at + kind.expires_after,
        remind_at=hours_of(site).after_open(at, kind.remind_after),
    )
    _keep_and_tell(request, deciders)
    return request


@transaction.atomic
def _keep_and_tell(request: ApprovalRequest, deciders: tuple[int, ...]) -> None:
    _insert(request)
    step = ApprovalStep.objects.create(
        group_id=request.group_id,
        request=request,
        kind=StepKind.ASKED,
        at=request.asked_at,
        by=request.asked_by,
        comment=request.reason,
    )
    approval_asked.send(facts.asked(request, step, deciders))


def _insert(request: ApprovalRequest) -> None:
    """A savepoint of its own, so that the refusal leaves the caller's transaction whole."""
    same = ApprovalRequest.objects.filter(kind=request.kind, subject=request.subject, status=Status.PENDING)
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:
        if same.exists():
            raise AlreadyAsked from None
        raise
