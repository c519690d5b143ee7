"""Facts that the approvals engine states. Every fact is one step of a request's history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.signals import DomainSignal, Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalFact(Fact):
    """What each of them tells. `amount` is in cents of `currency`, None when nothing is counted."""

    request_id: UUID
    step_id: int
    kind: str
    subject: str
    about: str
    amount: int | None
    currency: str
    reason: str
    site_name: str
    asker_id: int
    asker_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalAsked(ApprovalFact):
    """Somebody asks. `decider_ids` are those who shall answer; also stated when they are reminded."""

    decider_ids: tuple[int, ...]
    version: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalDelegated(ApprovalFact):
    """A decider passed the request on to one colleague."""

    delegate_id: int
    delegator_name: str
    comment: str
    version: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalDecided(ApprovalFact):
    """The request is settled: `outcome` is approved, refused, withdrawn or expired; then nobody decided."""

    outcome: str
    decider_name: str
    comment: str


approval_asked = DomainSignal("approval_asked", ApprovalAsked)
approval_reminded = DomainSignal("approval_reminded", ApprovalAsked)
approval_delegated = DomainSignal("approval_delegated", ApprovalDelegated)
approval_decided = DomainSignal("approval_decided", ApprovalDecided)
