"""Writes a person makes: reading his inbox, choosing his channels; and what an app that erases a thing calls."""

from __future__ import annotations

from notifications.defaults import MandatoryChannel
from notifications.filing import (
    Deed,
    Filed,
    SnoozeWithoutHour,
    Undo,
    Which,
    file_lines,
    mark_all_read,
    mark_read,
    mark_seen,
    mark_unread,
    undo,
)
from notifications.retracting import retract
from notifications.wishes import (
    AbsenceEndsBeforeItBegins,
    ShiftEndsBeforeItStarts,
    UnknownTopic,
    add_absence,
    add_duty,
    follow,
    remove_absence,
    remove_duty,
    set_measure,
    set_pace,
    set_preference,
    set_rhythm,
)

__all__ = [
    "AbsenceEndsBeforeItBegins",
    "Deed",
    "Filed",
    "MandatoryChannel",
    "ShiftEndsBeforeItStarts",
    "SnoozeWithoutHour",
    "Undo",
    "UnknownTopic",
    "Which",
    "add_absence",
    "add_duty",
    "file_lines",
    "follow",
    "mark_all_read",
    "mark_read",
    "mark_seen",
    "mark_unread",
    "remove_absence",
    "remove_duty",
    "retract",
    "set_measure",
    "set_pace",
    "set_preference",
    "set_rhythm",
    "undo",
]
