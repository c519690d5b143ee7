"""The demo's requests for a discount: two that wait, and some that were answered. Played through the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from approvals.models import Status
from approvals.services import decide_request
from dms.demo.acting import member_of, route_all
from leads.models import Lead, LeadStatus
from leads.services import ask_for_discount
from notifications.models import Notification
from notifications.services import mark_read
from sites.access import Member
from sites.models import User


@dataclass(frozen=True)
class Question:
    """One request: who asks for how much, how long ago, and who answers what how soon after."""

    asker: str
    amount: int
    reason: str
    ago: timedelta
    decider: str = ""
    verdict: Status = Status.APPROVED
    comment: str = ""
    answered_after: timedelta = timedelta(minutes=7)


_DAY = timedelta(days=1)
_LOOKED_AFTER = timedelta(minutes=2)
_QUESTIONS = {
    "rhone": (
        Question("vendeur.lyon", 400, "Il hésite avec la même en bleu à Villeurbanne.", 9 * _DAY, "chef.lyon",
                 comment="D'accord, mais sans les tapis."),
        Question("vendeuse.lyon", 1_500, "Reprise basse, il veut un geste.", 6 * _DAY, "responsable.lyon", Status.REFUSED,
                 "Pas sur un stock de dix jours. Proposez l'extension de garantie.", timedelta(minutes=21)),
        Question("vendeuse.lyon", 350, "Cliente depuis 2014, troisième voiture chez nous.", 3 * _DAY, "chef.lyon",
                 answered_after=timedelta(minutes=3)),
        Question("vendeur.lyon", 450, "Il signe ce midi si on s'aligne sur AutoPortail.", timedelta(minutes=6)),
        Question("vendeuse.lyon", 900, "Deux véhicules pour son entreprise, il décide aujourd'hui.", timedelta(minutes=17)),
    ),
    "rival": (Question("vendeur", 300, "Il part chez le concurrent sinon.", timedelta(minutes=11)),),
}  # fmt: skip


def play_decisions(slug: str, people: Mapping[str, User], *, at: datetime) -> None:
    """Ask and answer what the group's people asked until `at`, oldest first. Runs in the group's scope."""
    used: set[UUID] = set()
    for question in _QUESTIONS.get(slug, ()):
        asker, asked_at = member_of(people[question.asker]), at - question.ago
        lead = _lead_of(asker, asked_at, used)
        if lead is None:
            continue
        used.add(lead.pk)
        request = ask_for_discount(
            lead_id=lead.pk, cents=question.amount * 100, reason=question.reason, by=asker, at=asked_at
        )
        route_all(asked_at)
        if question.decider:
            answered_at = asked_at + question.answered_after
            decide_request(
                request_id=request.pk,
                verdict=question.verdict,
                by=member_of(people[question.decider]),
                at=answered_at,
                comment=question.comment,
            )
            route_all(answered_at)
            _read_the_answer(asker.user, answered_at + _LOOKED_AFTER)


def _lead_of(asker: Member, before: datetime, used: set[UUID]) -> Lead | None:
    """The person's latest lead of that time, a different one for each question."""
    taken = Lead.objects.filter(owner=asker.user, status=LeadStatus.CLAIMED, claimed_at__lt=before)
    return taken.exclude(pk__in=used).order_by("-claimed_at").first()


def _read_the_answer(asker: User, at: datetime) -> None:
    answers = Notification.objects.filter(
        user=asker, event__type_key="approvals.decided", read_at__isnull=True
    )
    mark_read(user=asker, notification_ids=list(answers.values_list("pk", flat=True)), at=at)
