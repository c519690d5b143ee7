"""Who hears of a request and of its answer, and what he can do at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from msgspec.structs import replace

from approvals import kinds
from approvals.kinds import DECIDE
from approvals.links import Permit
from approvals.selectors import VIEW
from approvals.sentences import settled
from approvals.signals import (
    ApprovalAsked,
    ApprovalDecided,
    ApprovalDelegated,
    ApprovalFact,
    approval_asked,
    approval_decided,
    approval_delegated,
    approval_reminded,
)
from core.money import spoken_cents
from core.signals import Fact
from core.typography import quoted
from notifications.audiences import people, person
from notifications.choices import EMAIL, IN_APP, PUSH, Channels, Urgency
from notifications.declarations import Action, Category, Ends, Notice, Storm, Text, values_of
from notifications.models import Notification
from notifications.rendering import Message

APPROVALS = Category(
    key="approvals",
    name=_("Approvals"),
    description=_("Requests for your decision, and the answers to yours"),
    icon="clipboard-check",
)

# Who decides is often on the road: the email carries a link that needs no sign-in.
_DECIDERS = {
    "sales_manager": IN_APP | PUSH | EMAIL,
    "site_manager": IN_APP | PUSH | EMAIL,
    "group_director": IN_APP | PUSH | EMAIL,
}
_ACTIONS = (
    Action(key="approve", label=_("Approve"), post="/api/v1/approvals/{request_id}/approve/"),
    Action(key="refuse", label=_("Refuse"), post="/api/v1/approvals/{request_id}/refuse/", quiet=True),
)
_SAMPLE: dict[str, Any] = {
    "group_id": 1,
    "site_id": 1,
    "occurred_at": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "request_id": UUID("01930000-0000-7000-8000-000000000002"),
    "step_id": 1,
    # By its name only: where nobody declares it, the words for any request stand in.
    "kind": "leads.discount",
    "subject": "lead:01930000-0000-7000-8000-000000000001",
    "about": "Paul Martin, Peugeot 208 2023",
    "amount": 800_00,
    "currency": "EUR",
    "reason": "Il signe aujourd'hui à ce prix.",
    "site_name": "Lyon",
    "asker_id": 1,
    "asker_name": "Camille Durand",
}
_SAMPLE_END = _SAMPLE["occurred_at"] + timedelta(days=3)


def said_of(fact: Fact) -> dict[str, Any]:
    """What the fields alone cannot say, in the active language: the kind, the amount, how it ended, where to look."""
    if not isinstance(fact, ApprovalFact):
        return {}
    kind = kinds.find(fact.kind)
    page = reverse("approvals:detail", args=[fact.request_id])
    matter = str(kind.name if kind else _("Request"))
    money = "" if _is_kept_back(fact) else spoken_cents(fact.amount or 0, fact.currency)
    return {
        "matter": matter,
        "money": money,
        "counted": f"{matter} {money}".rstrip(),
        "said_reason": quoted(fact.reason),
        "said_comment": quoted(getattr(fact, "comment", "")),
        "settled": settled(fact.outcome, fact.decider_name) if isinstance(fact, ApprovalDecided) else "",
        "subject_path": (kind.path_of(fact.subject) if kind else "") or page,
    }


def _is_kept_back(fact: ApprovalFact) -> bool:
    """Nothing is counted, or the answer goes to somebody who may not know the amount."""
    kind = kinds.find(fact.kind)
    goes_to_the_asker = isinstance(fact, ApprovalDecided)
    return fact.amount is None or (goes_to_the_asker and kind is not None and bool(kind.amount_needs))


class ForDeciders:
    """What the notices to those who may decide share."""

    category: ClassVar[Category] = APPROVALS
    urgency: ClassVar[Urgency] = Urgency.HIGH
    storm: ClassVar[Storm | None] = None  # each one waits for a decision
    needs: ClassVar[str] = DECIDE
    subject: ClassVar[str] = "approval:{request_id}"
    body: ClassVar[Text] = _("{about} · {said_reason} · {site_name}")
    sms: ClassVar[Text] = _("To decide: {matter} {money}, {about}")
    url: ClassVar[str] = "/approvals/{request_id}/"
    actions: ClassVar[tuple[Action, ...]] = _ACTIONS
    channels: ClassVar[Mapping[str, Channels]] = _DECIDERS
    closes_on: ClassVar[Ends] = approval_decided
    closed_text: ClassVar[Text] = "{settled}"

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        return values_of(fact) | said_of(fact)

    @classmethod
    def completed(cls, message: Message, fact: Fact) -> Message:
        """In his mailbox the button opens the page that needs no sign-in. `path`, on screens, stays as it is."""
        if message.notification_id is None:
            return message
        assert isinstance(fact, ApprovalAsked | ApprovalDelegated)
        reader = (
            Notification.objects.filter(pk=message.notification_id).values_list("user_id", flat=True).first()
        )
        if reader is None:
            return message
        permit = Permit(
            group_id=fact.group_id,
            request_id=fact.request_id,
            user_id=reader,
            version=fact.version,
            expires_at=fact.expires_at,
        )
        path = reverse("approvals:link", args=[permit.sealed()])
        return replace(message, url=settings.PUBLIC_URL.rstrip("/") + path)


class ApprovalAskedNotice(ForDeciders, Notice[ApprovalAsked]):
    """Somebody waits for an answer."""

    key = "approvals.asked"
    name = _("A decision is asked for")
    signal = approval_asked
    audience = people("decider_ids")
    title = _("{matter} · {money} · {asker_name}")
    sample = ApprovalAsked(**_SAMPLE, decider_ids=(2,), version=1, expires_at=_SAMPLE_END)


class ApprovalRemindedNotice(ForDeciders, Notice[ApprovalAsked]):
    """Nobody has answered for some open time: ring once more."""

    key = "approvals.reminded"
    name = _("A decision is still waited for")
    signal = approval_reminded
    audience = people("decider_ids")
    dedupe = "approval:{request_id}:{step_id}"
    title = _("Still waiting · {matter} · {money}")
    body = _("{asker_name} · {about} · {said_reason} · {site_name}")
    sms = _("Still to decide: {matter} {money}, {about}")
    sample = ApprovalAsked(**_SAMPLE, decider_ids=(2,), version=1, expires_at=_SAMPLE_END)


class ApprovalDelegatedNotice(ForDeciders, Notice[ApprovalDelegated]):
    """A colleague passed the question on."""

    key = "approvals.delegated"
    name = _("A decision is passed on to you")
    signal = approval_delegated
    audience = person("delegate_id")
    dedupe = "approval:{request_id}:{step_id}"
    title = _("{delegator_name} lets you decide · {matter} · {money}")
    body = _("{said_comment} · {about} · {said_reason} · {site_name}")
    sample = ApprovalDelegated(
        **_SAMPLE,
        delegate_id=2,
        delegator_name="Claire Fontaine",
        comment="Tu connais ce client.",
        version=2,
        expires_at=_SAMPLE_END,
    )


class ApprovalDecidedNotice(Notice[ApprovalDecided]):
    """The asker hears at once, and goes on selling."""

    key = "approvals.decided"
    name = _("The answer to your request")
    category = APPROVALS
    urgency = Urgency.HIGH
    storm = None
    signal = approval_decided
    audience = person("asker_id")
    needs = VIEW
    subject = "approval:{request_id}"
    title = _("{settled} · {matter} · {money}")
    body = _("{said_comment} · {about}")
    sms = _("{settled}: {counted}, {about}")
    url = "{subject_path}"
    channels = {
        "salesperson": IN_APP | PUSH,
        "used_car_manager": IN_APP | PUSH,
        "stock_manager": IN_APP | PUSH,
        "sales_manager": IN_APP | PUSH,
        "site_manager": IN_APP | PUSH,
        "group_director": IN_APP | PUSH,
    }
    sample = ApprovalDecided(
        **_SAMPLE, outcome="approved", decider_name="Claire Fontaine", comment="Dernière limite."
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        return values_of(fact) | said_of(fact)
