"""The role defaults of the scope's group as people read them: by category, type, role and channel. Nothing writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Count, Max

from notifications import registry, rendering
from notifications.choices import Channel, Urgency
from notifications.declarations import Category, Notice
from notifications.defaults import Draft, Place, Setting
from notifications.models import RoleDefaultChange
from notifications.rendering import Message
from notifications.roledefaults import kept_defaults, place_of
from sites.models import Membership
from sites.roles import Role

# Saved batches that the page shows.
_LATEST = 8


@dataclass(frozen=True)
class Cell:
    """One switch: as it is kept, and as the draft wants it."""

    place: Place
    kept: Setting
    wanted: Setting

    @property
    def enabled(self) -> bool:
        return self.place.enabled_by(self.wanted)

    @property
    def is_mandatory(self) -> bool:
        return self.place.is_mandatory

    @property
    def is_own(self) -> bool:
        """Whether the group decides, not the product."""
        return self.wanted is not None and not self.is_mandatory

    @property
    def is_drafted(self) -> bool:
        return self.wanted != self.kept

    @property
    def factory(self) -> bool:
        return self.place.factory


@dataclass(frozen=True)
class Row:
    """What a role hears of one type."""

    notice: type[Notice[Any]]
    role: Role
    cells: Sequence[Cell]
    changed: RoleDefaultChange | None = None

    @property
    def is_own(self) -> bool:
        return any(cell.is_own for cell in self.cells)

    @property
    def is_drafted(self) -> bool:
        return any(cell.is_drafted for cell in self.cells)

    @property
    def is_urgent(self) -> bool:
        return self.notice.urgency == Urgency.CRITICAL

    def example(self, language: str) -> Message:
        """What it is about, told by its sample."""
        return rendering.render(self.notice, self.notice.sample, language)


@dataclass(frozen=True)
class Section:
    """A category with its rows."""

    category: Category
    rows: Sequence[Row]


@dataclass(frozen=True)
class RoleSummary:
    """A role that hears of something: how many people hold it, and how many switches the group decided for it."""

    role: Role
    people: int
    own: int
    drafted: int


class Matrix:
    """All switches of the group, with a draft laid over them. Three queries."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._kept = kept_defaults()
        self._changed = _latest_change_of_each()

    @property
    def roles(self) -> list[Role]:
        """The roles that can hear of anything."""
        concerned = {role for notice in registry.all_notices() for role in notice.roles_concerned()}
        return [role for role in Role if role in concerned]

    def sections(self, role: Role) -> list[Section]:
        """What the role can hear of."""
        rows = [self.row(one, role) for one in registry.all_notices() if role in one.roles_concerned()]
        return [
            Section(category, list(of_category))
            for category, of_category in groupby(rows, key=lambda row: row.notice.category)
        ]

    def row(self, notice: type[Notice[Any]], role: Role) -> Row:
        cells = [self.cell(Place(notice.key, role, channel)) for channel in Channel]
        return Row(notice, role, cells, self._changed.get((notice.key, role)))

    def cell(self, place: Place) -> Cell:
        kept = self._kept.get(place)
        return Cell(place, kept, self._draft.wanted(place, kept))

    def summaries(self) -> list[RoleSummary]:
        """The roles, those that somebody holds first."""
        held: Mapping[str, int] = dict(
            Membership.objects.filter(user__is_active=True)
            .values_list("role")
            .annotate(people=Count("user", distinct=True))
        )
        found = [self._summary(role, held.get(role, 0)) for role in self.roles]
        return sorted(found, key=lambda one: not one.people)

    def _summary(self, role: Role, people: int) -> RoleSummary:
        cells = [cell for section in self.sections(role) for row in section.rows for cell in row.cells]
        return RoleSummary(
            role, people, sum(cell.is_own for cell in cells), sum(cell.is_drafted for cell in cells)
        )


@dataclass(frozen=True)
class ChangeLine:
    """One switch of a saved batch, in words."""

    name: str
    role: str
    channel: str
    before: Setting
    after: Setting


@dataclass(frozen=True)
class Batch:
    """What somebody saved at once. It can be taken back while all of it still stands."""

    batch: UUID
    by: str
    at: datetime
    lines: Sequence[ChangeLine]
    still_stands: bool


def latest_batches() -> list[Batch]:
    """The last saved changes of the group, newest first. Three queries."""
    newest = RoleDefaultChange.objects.values("batch").annotate(newest=Max("pk")).order_by("-newest")
    batches = [row["batch"] for row in newest[:_LATEST]]
    rows = list(
        RoleDefaultChange.objects.filter(batch__in=batches).select_related("by").order_by("-at", "pk")
    )
    kept = kept_defaults()
    by_batch = {batch: [row for row in rows if row.batch == batch] for batch in batches}
    return [_batch(batch, of_batch, kept) for batch, of_batch in by_batch.items()]


def _batch(batch: UUID, rows: Sequence[RoleDefaultChange], kept: Mapping[Place, bool]) -> Batch:
    by = rows[0].by
    return Batch(
        batch=batch,
        by=str(by) if by else "",
        at=rows[0].at,
        lines=[_line(row) for row in rows],
        still_stands=all(kept.get(place_of(row)) == row.after for row in rows),
    )


def _line(row: RoleDefaultChange) -> ChangeLine:
    try:
        name = str(registry.get(row.type_key).name)
    except registry.UnknownNotice:
        name = row.type_key
    role, channel = str(Role(row.role).label), str(Channel(row.channel).label)
    return ChangeLine(name, role, channel, row.before, row.after)


def _latest_change_of_each() -> dict[tuple[str, str], RoleDefaultChange]:
    """(type, role) → its latest change."""
    newest: Iterable[int] = (
        RoleDefaultChange.objects.values("type_key", "role")
        .annotate(newest=Max("pk"))
        .values_list("newest", flat=True)
    )
    rows = RoleDefaultChange.objects.filter(pk__in=newest).select_related("by")
    return {(row.type_key, row.role): row for row in rows}
