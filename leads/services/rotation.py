"""Handing out leads in turn: whoever of the site's present salespeople has waited longest is next."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from leads.models import LeadSource, RotationTurn
from notifications.standing_in import away_on
from sites.models import Membership, Site, User
from sites.roles import Role


def next_in_turn(source: LeadSource, at: datetime) -> int | None:
    """Give the turn to a salesperson of the source's site and return his id; None when nobody is present.

    Must run inside a transaction. It locks the site row until the end of it, so that two leads that arrive
    together go to two people. The lock is the weak one: inserting leads of the site does not wait for it.
    """
    Site.objects.select_for_update(no_key=True).only("pk").get(pk=source.site_id)
    waiting = _present_salespeople(source, at)
    if not waiting:
        return None
    turn_of = dict(RotationTurn.objects.filter(site=source.site_id).values_list("user_id", "turn"))
    chosen = min(waiting, key=lambda user_id: (turn_of.get(user_id, 0), user_id))
    _give_turn(source, chosen, turn=1 + max(turn_of.values(), default=0))
    return chosen


def set_presence(*, person: User, is_present: bool) -> None:
    """The person starts or stops taking part in the rotation."""
    person.is_present = is_present
    person.save(update_fields=["is_present"])


def _present_salespeople(source: LeadSource, at: datetime) -> set[int]:
    """Those who said that they are there, without those who are away on the site's today."""
    on_site = Q(site=source.site_id) | Q(site__isnull=True)
    rows = Membership.objects.filter(
        on_site, role=Role.SALESPERSON, user__is_present=True, user__is_active=True
    )
    return set(rows.values_list("user_id", flat=True)) - away_on(at.astimezone(source.site.zone).date())


def _give_turn(source: LeadSource, user_id: int, *, turn: int) -> None:
    owned = {"group_id": source.group_id, "turn": turn}
    RotationTurn.objects.update_or_create(site_id=source.site_id, user_id=user_id, defaults=owned)
