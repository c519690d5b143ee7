"""A group changes what its roles hear by default, and takes it back. Every change is kept with who and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.ids import new_id
from notifications.choices import Channel
from notifications.defaults import Change, MandatoryChannel, Place, UnknownPlace
from notifications.models import RoleDefault, RoleDefaultChange
from sites.locks import hold_group
from sites.models import User
from sites.roles import Role

__all__ = [
    "DefaultsMoved",
    "MandatoryChannel",
    "UnknownBatch",
    "UnknownPlace",
    "kept_defaults",
    "save_defaults",
    "take_back",
]


class DefaultsMoved(Exception):
    """Somebody else changed some of these `places` since they were shown: nothing was saved."""

    def __init__(self, places: Collection[Place]) -> None:
        super().__init__(places)
        self.places = places


class UnknownBatch(LookupError):
    """The group has no such batch."""


def kept_defaults() -> dict[Place, bool]:
    """What the scope's group decided itself. One query."""
    rows = RoleDefault.objects.values_list("type_key", "role", "channel", "enabled")
    return {
        Place(type_key, Role(role), Channel(channel)): enabled for type_key, role, channel, enabled in rows
    }


@transaction.atomic
def save_defaults(*, group_id: int, by: User | None, changes: Iterable[Change], at: datetime) -> UUID | None:
    """Keep the changes as one batch, all or none; its id, or None when everything was so already.

    A change counts for what it was shown: what somebody else decided meanwhile is never overwritten unseen.
    Raises DefaultsMoved, UnknownPlace, MandatoryChannel.
    """
    changes = list(changes)
    for change in changes:
        change.check()
    hold_group(group_id)
    kept = kept_defaults()
    moved = [one.place for one in changes if kept.get(one.place) not in (one.shown, one.wanted)]
    if moved:
        raise DefaultsMoved(moved)
    due = [one for one in changes if kept.get(one.place) != one.wanted]
    if not due:
        return None
    _write(group_id, due)
    return _remember(group_id, due, by, at)


def take_back(*, group_id: int, by: User | None, batch: UUID, at: datetime) -> UUID | None:
    """Put a batch back as it was before, as a batch of its own. Raises UnknownBatch, DefaultsMoved."""
    rows = list(RoleDefaultChange.objects.filter(batch=batch))
    if not rows:
        raise UnknownBatch(batch)
    changes = [Change(place_of(row), shown=row.after, wanted=row.before) for row in rows]
    return save_defaults(group_id=group_id, by=by, changes=changes, at=at)


def place_of(row: RoleDefaultChange) -> Place:
    """The switch that was changed."""
    return Place(row.type_key, Role(row.role), Channel(row.channel))


def _write(group_id: int, changes: Iterable[Change]) -> None:
    for change in changes:
        place = change.place
        which: dict[str, Any] = {"role": place.role, "type_key": place.type_key, "channel": place.channel}
        if change.wanted is None:
            RoleDefault.objects.filter(**which).delete()
        else:
            enabled = {"enabled": change.wanted}
            RoleDefault.objects.update_or_create(group_id=group_id, **which, defaults=enabled)


def _remember(group_id: int, changes: Iterable[Change], by: User | None, at: datetime) -> UUID:
    batch = new_id()
    RoleDefaultChange.objects.bulk_create(
        RoleDefaultChange(
            group_id=group_id,
            batch=batch,
            role=change.place.role,
            type_key=change.place.type_key,
            channel=change.place.channel,
            before=change.shown,
            after=change.wanted,
            by=by,
            at=at,
        )
        for change in changes
    )
    return batch
