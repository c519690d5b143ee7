"""Plays the demo's stories through the product: leads become rows, facts go through the real engine at their time.

Nothing is sent: `reactions` says afterwards what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db.models import F

from dms.demo.cast import GroupCast
from dms.demo.history import Story, stories
from leads.models import Enquiry, Lead, LeadSource, LeadStatus, Suspicion
from leads.services import facts
from leads.signals import lead_claimed, lead_enquired_again, lead_quarantined, lead_received, lead_released
from notifications.models import Event
from notifications.routing import route
from sites.access import Member, member_for
from sites.models import Site, User

# Older leads are history only. Inboxes go back this far: a month, and the month before it to compare with.
_INBOX_MEMORY = timedelta(days=60)

_AGAIN = "Bonjour, avez-vous pu regarder ma demande ?"

Deed = Callable[[], None]


def play(cast: GroupCast, *, sites: Mapping[str, Site], people: Mapping[str, User], at: datetime) -> None:
    """Everything that happened in the group until `at`, in the order of time. Runs in the group's scope."""
    sources = {(source.site_id, source.name): source for source in LeadSource.objects.select_related("site")}
    stage = _Stage(sites, sources, {name: _member(user) for name, user in people.items()})
    told = stories(cast, at=at)
    begins = at - _INBOX_MEMORY
    Lead.objects.bulk_create(stage.outcome(story, begins) for story in told if story.received_at < begins)
    for story in told:
        if story.received_at >= begins:
            stage.rehearse(story)
    for _moment, _order, deed in sorted(stage.script, key=lambda entry: entry[:2]):
        deed()
    Event.objects.update(recorded_at=F("occurred_at"))


def _member(user: User) -> Member:
    member = member_for(user)
    if member is None:
        raise ValueError(f"{user.email} belongs to no group")
    return member


@dataclass
class _Stage:
    """Where the stories are played. `script` holds (moment, order, deed); the order breaks ties."""

    sites: Mapping[str, Site]
    sources: Mapping[tuple[int, str], LeadSource]
    members: Mapping[str, Member]
    script: list[tuple[datetime, int, Deed]] = field(default_factory=list)

    def rehearse(self, story: Story) -> None:
        """Put what happens in the story at its place in time."""
        lead = self._lead(story)
        self._enter(story.received_at, lambda: _receive(lead, story))
        if story.taken_at is not None and story.owner is not None:
            owner, taken_at = self.members[story.owner.name], story.taken_at
            self._enter(taken_at, lambda: _claim(lead, owner, taken_at))
        if story.reviewed_by is not None:
            reviewer, reviewed_at = (
                self.members[story.reviewed_by.name],
                story.received_at + story.reviewed_after,
            )
            self._enter(reviewed_at, lambda: _review(lead, reviewer, reviewed_at))
        for again_at in story.again:
            self._enter(again_at, partial(_write_again, lead, again_at))

    def outcome(self, story: Story, begins: datetime) -> Lead:
        """The lead as the story left it when the inboxes begin; who takes it after that does so in the script."""
        lead = self._lead(story)
        if story.taken_at is not None and story.owner is not None:
            owner, taken_at = self.members[story.owner.name], story.taken_at
            if taken_at < begins:
                _hand_to(lead, owner, taken_at)
            else:
                self._enter(taken_at, lambda: _claim(lead, owner, taken_at))
        return lead

    def _enter(self, moment: datetime, deed: Deed) -> None:
        self.script.append((moment, len(self.script), deed))

    def _lead(self, story: Story) -> Lead:
        request, customer = story.request, story.request.customer
        owner = self.members[story.owner.name].user if story.is_assigned and story.owner else None
        site = self.sites[story.site.slug]
        return Lead(
            site=site,
            group_id=site.group_id,
            source=self.sources[site.pk, story.source.name],
            status=LeadStatus.ASSIGNED if owner else LeadStatus.NEW,
            first_name=customer.first_name,
            last_name=customer.last_name,
            email=customer.email,
            phone=customer.phone,
            message=request.message,
            make=request.car.make,
            model=request.car.model,
            year=request.car.year,
            campaign={"utm_campaign": story.campaign} if story.campaign else {},
            owner=owner,
            received_at=story.received_at,
            assigned_at=story.received_at if owner else None,
        )


def _receive(lead: Lead, story: Story) -> None:
    at = story.received_at
    if story.is_suspect:
        lead.status, lead.quarantine_reason = LeadStatus.QUARANTINED, Suspicion.HONEYPOT
    lead.save(force_insert=True)
    if story.is_suspect:
        lead_quarantined.send(facts.quarantined(lead, lead.source, at=at))
    else:
        lead_received.send(facts.received(lead, lead.source, at=at))
    _route_all(at)


def _claim(lead: Lead, owner: Member, at: datetime) -> None:
    _hand_to(lead, owner, at)
    lead.save(update_fields=["owner", "status", "claimed_at"])
    lead_claimed.send(facts.claimed(lead, owner, at=at))
    _route_all(at)


def _write_again(lead: Lead, at: datetime) -> None:
    """The customer writes to his salesperson again."""
    enquiry = Enquiry.objects.create(
        group_id=lead.group_id, lead=lead, message=_AGAIN, payload={}, received_at=at
    )
    if lead.owner_id is not None:
        lead_enquired_again.send(facts.enquired_again(lead, enquiry, lead.owner_id))
        _route_all(at)


def _hand_to(lead: Lead, owner: Member, at: datetime) -> None:
    lead.owner, lead.status, lead.claimed_at = owner.user, LeadStatus.CLAIMED, at


def _review(lead: Lead, reviewer: Member, at: datetime) -> None:
    lead.status, lead.reviewed_by, lead.reviewed_at = LeadStatus.SPAM, reviewer.user, at
    lead.save(update_fields=["status", "reviewed_by", "reviewed_at"])
    lead_released.send(facts.released(lead, reviewer, at=at))
    _route_all(at)


def _route_all(at: datetime) -> None:
    """Route what has just been recorded as if the router had run at `at`."""
    for event in list(Event.objects.filter(routed_at__isnull=True)):
        route(event.hint, at=at)
