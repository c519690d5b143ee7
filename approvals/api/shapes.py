"""What the API tells of a request, and what it takes for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from approvals import selectors
from approvals.models import COMMENT_LENGTH, ApprovalRequest, ApprovalStep
from sites.access import Member


class DecisionBody(msgspec.Struct, forbid_unknown_fields=True):
    """An answer. With `version`, it counts only while the request is as the person saw it."""

    comment: Annotated[str, msgspec.Meta(max_length=COMMENT_LENGTH)] = ""
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None


class RequestOut(msgspec.Struct, kw_only=True):
    """One request. Times are UTC; people are names.

    `amount` is in cents of `currency`, null without one and where the reader may not know it.
    """

    id: UUID
    version: int
    kind: str
    title: str
    about: str
    amount: int | None
    currency: str
    reason: str
    site: str
    status: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    delegate: str | None
    decided_by: str | None
    decided_at: datetime | None
    comment: str
    can_decide: bool
    url: str


class StepOut(msgspec.Struct, kw_only=True):
    """One moment of its history."""

    kind: str
    at: datetime
    by: str | None
    to: str | None
    comment: str


class RequestDetailOut(RequestOut, kw_only=True):
    """One request with its history, oldest first."""

    history: list[StepOut]


class RequestListOut(msgspec.Struct, kw_only=True):
    """A page of requests, newest first. `next` is the `before` of the following page, null on the last."""

    results: list[RequestOut]
    next: UUID | None


class DecisionOut(msgspec.Struct, kw_only=True):
    """The decision stands. `detail` says so in the caller's language."""

    id: UUID
    status: str
    decided_by: str
    decided_at: datetime
    detail: str


def requests_out(requests: Sequence[ApprovalRequest], member: Member, at: datetime) -> list[RequestOut]:
    """The requests as this person sees them; their people and sites are loaded. Two queries at most."""
    his = selectors.decidable(requests, member)
    return [RequestOut(**_parts(one, member, at, can_decide=one.pk in his)) for one in requests]


def request_detail_out(
    request: ApprovalRequest, steps: Iterable[ApprovalStep], member: Member, at: datetime
) -> RequestDetailOut:
    """The same with its history."""
    history = [
        StepOut(kind=step.kind, at=step.at, by=_name(step.by), to=_name(step.to), comment=step.comment)
        for step in steps
    ]
    can_decide = selectors.may_decide(request, member)
    return RequestDetailOut(**_parts(request, member, at, can_decide=can_decide), history=history)


def _parts(request: ApprovalRequest, member: Member, at: datetime, *, can_decide: bool) -> dict[str, Any]:
    return {
        "id": request.pk,
        "version": request.version,
        "kind": request.kind,
        "title": request.kind_name,
        "about": request.about,
        "amount": request.amount if request.shows_amount_to(member) else None,
        "currency": request.currency,
        "reason": request.reason,
        "site": request.site.slug,
        "status": request.status,
        "asked_by": request.asked_by.full_name,
        "asked_at": request.asked_at,
        "expires_at": request.expires_at,
        "delegate": _name(request.delegate),
        "decided_by": _name(request.decided_by),
        "decided_at": request.decided_at,
        "comment": request.comment,
        "can_decide": can_decide and request.is_open(at),
        "url": request.get_absolute_url(),
    }


def _name(user: Any) -> str | None:
    return user.full_name if user is not None else None
