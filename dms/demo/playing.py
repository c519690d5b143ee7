"""Plays the demo's stories through the product: leads become rows, facts go through the real engine at their time.

Nothing is sent: `reactions` says afterwards what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random

from django.db.models import F

from dms.demo.acting import member_of, route_all
from dms.demo.cast import GroupCast
from dms.demo.history import Story, stories
from dms.demo.stock.plan import Car, for_sale
from leads.models import Enquiry, Lead, LeadSource, LeadStatus, Suspicion
from leads.services import facts
from leads.signals import lead_claimed, lead_enquired_again, lead_quarantined, lead_received, lead_released
from notifications.models import Event
from sites.access import Member
from sites.models import Site, User

# Older leads are history only. Inboxes go back this far: a month, and the month before it to compare with.
_INBOX_MEMORY = timedelta(days=60)

# How many customers point at a car of the stock.
_SAW_IT = 0.75

_AGAIN = "Bonjour, avez-vous pu regarder ma demande ?"

Deed = Callable[[], None]


def play(
    cast: GroupCast,
    *,
    sites: Mapping[str, Site],
    people: Mapping[str, User],
    cars: Sequence[Car],
    at: datetime,
) -> None:
    """Everything that happened in the group until `at`, in the order of time. Runs in the group's scope."""
    sources = {(source.site_id, source.name): source for source in LeadSource.objects.select_related("site")}
    random = Random(cast.seed)  # noqa: S311 - the same story every time
    stage = _Stage(sites, sources, {name: member_of(user) for name, user in people.items()}, cars, random)
    told = stories(cast, at=at)
    begins = at - _INBOX_MEMORY
    Lead.objects.bulk_create(stage.outcome(story, begins) for story in told if story.received_at < begins)
    for story in told:
        if story.received_at >= begins:
            stage.rehearse(story)
    for _moment, _order, deed in sorted(stage.script, key=lambda entry: entry[:2]):
        deed()
    Event.objects.update(recorded_at=F("occurred_at"))


@dataclass
class _Stage:
    """Where the stories are played. `script` holds (moment, order, deed); the order breaks ties."""

    sites: Mapping[str, Site]
    sources: Mapping[tuple[int, str], LeadSource]
    members: Mapping[str, Member]
    cars: Sequence[Car]
    random: Random
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
            **self._wish(story),
            campaign={"utm_campaign": story.campaign} if story.campaign else {},
            owner=owner,
            received_at=story.received_at,
            assigned_at=story.received_at if owner else None,
        )

    def _wish(self, story: Story) -> dict[str, str | int]:
        """Most customers saw the car on a site's page: then it is one that stood there; the others dream."""
        dream = story.request.car
        shown = list(for_sale(self.cars, story.site.slug, until=story.received_at.date()))
        if story.is_suspect or not shown or self.random.random() > _SAW_IT:
            return {"make": dream.make, "model": dream.model, "year": dream.year}
        car = self.random.choice(shown)
        return {
            "make": car.model.make, "model": car.model.name, "year": car.year, "vin": car.vin,
            "stock_number": car.stock_number,
        }  # fmt: skip


def _receive(lead: Lead, story: Story) -> None:
    at = story.received_at
    if story.is_suspect:
        lead.status, lead.quarantine_reason = LeadStatus.QUARANTINED, Suspicion.HONEYPOT
    lead.save(force_insert=True)
    if story.is_suspect:
        lead_quarantined.send(facts.quarantined(lead, lead.source, at=at))
    else:
        lead_received.send(facts.received(lead, lead.source, at=at))
    route_all(at)


def _claim(lead: Lead, owner: Member, at: datetime) -> None:
    _hand_to(lead, owner, at)
    lead.save(update_fields=["owner", "status", "claimed_at"])
    lead_claimed.send(facts.claimed(lead, owner, at=at))
    route_all(at)


def _write_again(lead: Lead, at: datetime) -> None:
    """The customer writes to his salesperson again."""
    enquiry = Enquiry.objects.create(
        group_id=lead.group_id, lead=lead, message=_AGAIN, payload={}, received_at=at
    )
    if lead.owner_id is not None:
        lead_enquired_again.send(facts.enquired_again(lead, enquiry, lead.owner_id))
        route_all(at)


def _hand_to(lead: Lead, owner: Member, at: datetime) -> None:
    lead.owner, lead.status, lead.claimed_at = owner.user, LeadStatus.CLAIMED, at


def _review(lead: Lead, reviewer: Member, at: datetime) -> None:
    lead.status, lead.reviewed_by, lead.reviewed_at = LeadStatus.SPAM, reviewer.user, at
    lead.save(update_fields=["status", "reviewed_by", "reviewed_at"])
    lead_released.send(facts.released(lead, reviewer, at=at))
    route_all(at)
