"""Short words for the tests of the road: state a fact, route it, look at the rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from core.ids import new_id
from leads.signals import LeadClaimed, LeadReceived, lead_claimed, lead_received
from notifications import routing
from notifications.choices import Channel
from notifications.defaults import Change, Place
from notifications.models import Delivery, Event, Notification, PushSubscription
from notifications.roledefaults import kept_defaults, save_defaults
from notifications.services import set_preference
from sites.access import member_for
from sites.models import Group, Site, User
from tests.cast import MONDAY


def received(site: Site, **fields: Any) -> LeadReceived:
    """A lead that came in on `site`; state it with `tell`."""
    facts = {
        "group_id": site.group_id,
        "site_id": site.pk,
        "occurred_at": MONDAY,
        "lead_id": new_id(),
        "customer_name": "Paul Bernard",
        "vehicle": "Renault Clio 2022",
        "message": "Bonjour",
        "source_name": "Site web",
        "site_name": site.name,
    }
    return LeadReceived(**{**facts, **fields})


def claimed(fact: LeadReceived, by: User) -> LeadClaimed:
    """The claim of that lead."""
    return LeadClaimed(
        group_id=fact.group_id,
        site_id=fact.site_id,
        occurred_at=fact.occurred_at,
        actor_id=by.pk,
        lead_id=fact.lead_id,
        customer_name=fact.customer_name,
        owner_id=by.pk,
        owner_name=by.full_name,
    )


def tell(fact: LeadReceived | LeadClaimed) -> Event:
    """State the fact in a transaction of its own; the event that it left."""
    with transaction.atomic():
        if isinstance(fact, LeadReceived):
            lead_received.send(fact)
        else:
            lead_claimed.send(fact)
    return Event.objects.order_by("-pk")[0]


def route(event: Event, at: datetime = MONDAY) -> routing.Routed:
    return routing.route(event.hint, at=at)


def tell_and_route(fact: LeadReceived | LeadClaimed, at: datetime = MONDAY) -> Event:
    event = tell(fact)
    route(event, at)
    return event


def inbox_names(event: Event) -> set[str]:
    """First names of those who have the event in their inbox."""
    rows = Notification.objects.filter(event=event, in_inbox=True)
    return set(rows.values_list("user__first_name", flat=True))


def reason_of(event: Event, user: User) -> str:
    return Notification.objects.values_list("reason", flat=True).get(event=event, user=user)


def delivery_states(event: Event, user: User) -> dict[str, tuple[str, str]]:
    """channel → (state, reason) of one person's deliveries."""
    rows = Delivery.objects.filter(notification__event=event, notification__user=user)
    return {
        channel: (state, reason) for channel, state, reason in rows.values_list("channel", "state", "reason")
    }


def choose(user: User, channel: Channel, *, enabled: bool) -> None:
    member = member_for(user)
    assert member is not None
    set_preference(member=member, topic="leads", channel=channel, enabled=enabled)


def add_device(user: User, at: datetime = MONDAY, name: str = "") -> PushSubscription:
    return PushSubscription.objects.create(
        group=user.group or Group(),
        user=user,
        endpoint=f"https://push.test/{user.pk}{name}",
        p256dh="k",
        auth="a",
        created_at=at,
    )


def set_default(group: Group, place: Place, *, enabled: bool | None) -> None:
    """The group decides for a role; None is « as the product has it »."""
    kept = kept_defaults().get(place)
    save_defaults(group_id=group.pk, by=None, changes=[Change(place, kept, enabled)], at=MONDAY)
