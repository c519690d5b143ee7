"""The history of a vehicle as people read it: who changed what, from what to what, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.money import spoken_cents
from core.typography import day_words
from sites.access import Member
from sites.models import Site
from stock.access import may_see_field
from stock.models import Vehicle, VehicleChange

# Lines that a page reads; what is older is in the database.
MOST = 300

_DAYS = ("first_registration", "arrived_on", "sold_at")
_MONEY = ("list_price", "price", "min_price", "purchase_price")
_ICONS = {
    "status": "signpost-split",
    "site": "geo-alt",
    "price": "tags",
    "highlighted_at": "star",
    "photos": "images",
    "costs": "receipt",
    "documents": "file-earmark-text",
    "secret_documents": "file-earmark-text",
}
_NOTHING = "–"


@dataclass(frozen=True)
class Part:
    """One thing that changed; without `after` and `before` the label says it all."""

    label: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Line:
    """One change by one person or one import."""

    at: datetime
    icon: str
    who: str
    is_import: bool
    title: str
    parts: list[Part]
    reason: str = ""


def changes_of(vehicle: Vehicle) -> list[VehicleChange]:
    """The newest changes first, with people and feeds. One query."""
    rows = VehicleChange.objects.filter(of=vehicle).select_related("by", "run__feed")
    return list(rows.order_by("-at", "-pk")[:MOST])


def lines_of(vehicle: Vehicle, changes: Iterable[VehicleChange], member: Member) -> list[Line]:
    """The changes in words, without what the reader may not see. One query, for the names of sites."""
    sites = dict(Site.objects.values_list("pk", "name"))
    lines = (_line(vehicle, change, member, sites) for change in changes)
    return [line for line in lines if line is not None]


def last_by_field(changes: Sequence[VehicleChange]) -> dict[str, VehicleChange]:
    """The newest change of each field; `changes` are newest first."""
    found: dict[str, VehicleChange] = {}
    for change in changes:
        for name in change.changes:
            found.setdefault(name, change)
    return found


def author_of(change: VehicleChange) -> str:
    """Who did it: a person, or the import by its feed's name."""
    if change.run is not None:
        return _("Import “%(feed)s”") % {"feed": change.run.feed.name}
    return change.by.full_name if change.by else _("Somebody who has left")


def spoken_value(vehicle: Vehicle, name: str, value: Any, sites: Mapping[int, str] | None = None) -> str:
    """A stored value of a field in the reader's words."""
    if value in (None, "", []):
        return _NOTHING
    if name in _MONEY:
        return spoken_cents(value, vehicle.currency)
    if name in _DAYS:
        return _day(vehicle, value)
    if name == "site":
        return (sites or {}).get(value, _NOTHING)
    if name == "options":
        return ", ".join(str(option) for option in value)
    choices = dict(Vehicle._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
    is_count = isinstance(value, int) and name != "year"
    return str(choices.get(value, number_format(value, force_grouping=True) if is_count else value))


def _day(vehicle: Vehicle, value: str) -> str:
    moment = datetime.fromisoformat(value)
    local = moment.astimezone(vehicle.site.zone) if moment.tzinfo else moment
    return day_words(local)


def _line(vehicle: Vehicle, change: VehicleChange, member: Member, sites: Mapping[int, str]) -> Line | None:
    shown = {
        name: pair for name, pair in change.changes.items() if may_see_field(member, name, vehicle.site_id)
    }
    if change.changes and not shown:
        return None
    reason = shown.pop("reason", ["", ""])[1]
    return Line(
        at=change.at,
        icon=next(
            (_ICONS[name] for name in _ICONS if name in shown), "pencil" if shown else "box-arrow-in-down"
        ),
        who=author_of(change),
        is_import=change.run_id is not None,
        title="" if shown else _("Came into the stock"),
        parts=list(_parts(vehicle, shown, sites)),
        reason=reason,
    )


def _parts(vehicle: Vehicle, changes: Mapping[str, Any], sites: Mapping[int, str]) -> Iterator[Part]:
    for name, (before, after) in changes.items():
        if name in _SAID:
            yield _SAID[name](vehicle, before, after)
        elif _is_field(name):
            label = str(Vehicle._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            yield Part(
                label[:1].upper() + label[1:],
                spoken_value(vehicle, name, before, sites),
                spoken_value(vehicle, name, after, sites),
            )


def _is_field(name: str) -> bool:
    return name in _FIELDS


_FIELDS = {field.name for field in Vehicle._meta.concrete_fields}


def _highlight(_vehicle: Vehicle, _before: Any, after: Any) -> Part:
    return Part(pgettext("history", "Highlighted") if after else _("No longer highlighted"))


def _photos(_vehicle: Vehicle, before: Any, after: Any) -> Part:
    if before == after:
        return Part(_("Photos put in another order"))
    return Part(_("Photos"), str(before), str(after))


def _cost(vehicle: Vehicle, before: Any, after: Any) -> Part:
    cost = after or before
    money = spoken_cents(cost["cents"], vehicle.currency)
    words = _("Cost added: %(label)s, %(money)s") if after else _("Cost removed: %(label)s, %(money)s")
    return Part(words % {"label": cost["label"], "money": money})


def _document(_vehicle: Vehicle, before: Any, after: Any) -> Part:
    words = _("Document added: %(name)s") if after else _("Document removed: %(name)s")
    return Part(words % {"name": after or before})


_SAID = {
    "highlighted_at": _highlight,
    "photos": _photos,
    "costs": _cost,
    "documents": _document,
    "secret_documents": _document,
}
