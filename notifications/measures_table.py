"""The measures as a table to keep: one line for each type, site, role and channel of the period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.spreadsheets import Value
from notifications import registry
from notifications.choices import Channel
from notifications.measures import Compared, Entry, Wanted, compared_by
from sites.roles import Role


def table(
    entries: Sequence[Entry], wanted: Wanted, site_names: Mapping[int | None, str]
) -> Iterator[list[Value]]:
    """The heading and the lines, in the order of their names. Times in seconds, shares in percent."""
    yield _heading()
    parts = compared_by(entries, wanted, _key)
    lines = [[*_names(key, site_names), *_figures(both)] for key, both in parts.items()]
    yield from sorted(lines, key=lambda line: [str(name) for name in line[:4]])


def _heading() -> list[Value]:
    return [
        _("Type"), _("Site"), _("Role"), _("Channel"),
        pgettext("alerts", "Sent"), pgettext("alerts", "Arrived"), pgettext("alerts", "Seen"),
        pgettext("alerts", "Read"), pgettext("alerts", "Dealt with"),
        _("Settled by others"), _("Ignored"), _("Ignored, %"), _("Median, s"), _("Nine of ten, s"),
        _("Ignored before, %"), _("Median before, s"),
    ]  # fmt: skip


def _key(entry: Entry) -> tuple[str, int | None, str, str]:
    return entry.cell.type_key, entry.site_id, entry.cell.role, entry.cell.channel


def _names(key: tuple[str, int | None, str, str], site_names: Mapping[int | None, str]) -> list[Value]:
    type_key, site_id, role, channel = key
    notice = next((one for one in registry.all_notices() if one.key == type_key), None)
    return [
        str(notice.name) if notice else type_key,
        site_names.get(site_id, ""),
        str(Role(role).label) if role in Role.values else "",
        str(Channel(channel).label) if channel else _("The alert itself"),
    ]


def _figures(both: Compared) -> list[Value]:
    now, before = both.now, both.before
    return [
        now.sent, now.arrived, now.seen, now.read, now.acted, now.settled, now.ignored,
        now.ignored_percent, now.median, now.ninetieth, before.ignored_percent, before.median,
    ]  # fmt: skip
