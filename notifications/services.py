"""Writes a person makes: reading his inbox, choosing his channels; and a group's defaults for its roles."""

from __future__ import annotations

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
from notifications.wishes import (
    AbsenceEndsBeforeItBegins,
    MandatoryChannel,
    ShiftEndsBeforeItStarts,
    UnknownTopic,
    add_absence,
    add_duty,
    follow,
    remove_absence,
    remove_duty,
    set_preference,
    set_rhythm,
    set_role_default,
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
    "set_preference",
    "set_rhythm",
    "set_role_default",
    "undo",
]
