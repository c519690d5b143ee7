"""What an alert is about was erased: nobody is told of it any more, and no line leads to a page that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django_scopes import get_scope

from notifications import recording, registry
from notifications.declarations import Notice
from notifications.models import Event, EventKind


def retract(*, subject: str, at: datetime) -> None:
    """Retract whatever was told of `subject` in the scope's group, in the transaction that erases it.

    Call it where the thing is locked or already deleted. One closing event for each type that told of it stands or
    falls with the erasure; routing it closes the lines on every device, where they say « No longer exists » and lead
    nowhere, and cancels what has not left. What was recorded but not routed yet is written closed. One query, and
    one for each type.
    """
    group_id: int = get_scope()["group"]
    for notice in _told_of(subject):
        recording.record_gone(notice, group_id=group_id, subject=subject, at=at)


def _told_of(subject: str) -> Iterator[type[Notice[Any]]]:
    """The notices that told of it, those that follow another left out: they end with the other."""
    told = Event.objects.filter(subject=subject, kind=EventKind.NOTICE).values_list("type_key", flat=True)
    ends = set()
    for key in told.distinct():
        try:
            ends.add(registry.get(key).closed_with())
        except registry.UnknownNotice:  # its lines lead to the inbox
            continue
    return map(registry.get, sorted(ends))
