"""The engine's facts, made from a request and the step that has just been written."""

from __future__ import annotations

from typing import Any

from approvals.models import ApprovalRequest, ApprovalStep
from approvals.signals import ApprovalAsked, ApprovalDecided, ApprovalDelegated


def asked(request: ApprovalRequest, step: ApprovalStep, deciders: tuple[int, ...]) -> ApprovalAsked:
    """Asked for the first time, or once more by a reminder."""
    return ApprovalAsked(
        **_common(request, step),
        decider_ids=deciders,
        version=request.version,
        expires_at=request.expires_at,
    )


def delegated(request: ApprovalRequest, step: ApprovalStep) -> ApprovalDelegated:
    """Passed on from `step.by` to `step.to`."""
    return ApprovalDelegated(
        **_common(request, step),
        delegate_id=step.to_id or 0,
        delegator_name=step.by.full_name if step.by else "",
        comment=step.comment,
        version=request.version,
        expires_at=request.expires_at,
    )


def decided(request: ApprovalRequest, step: ApprovalStep) -> ApprovalDecided:
    """Settled in whichever way."""
    return ApprovalDecided(
        **_common(request, step),
        outcome=request.status,
        decider_name=step.by.full_name if step.by else "",
        comment=step.comment,
    )


def _common(request: ApprovalRequest, step: ApprovalStep) -> dict[str, Any]:
    return {
        "group_id": request.group_id,
        "site_id": request.site_id,
        "occurred_at": step.at,
        "actor_id": step.by_id,
        "request_id": request.pk,
        "step_id": step.pk,
        "kind": request.kind,
        "subject": request.subject,
        "about": request.about,
        "amount": request.amount,
        "currency": request.currency,
        "reason": request.reason,
        "site_name": request.site.name,
        "asker_id": request.asked_by_id,
        "asker_name": request.asked_by.full_name,
    }
