"""The role defaults as one matrix per group: notice × role × channel. What differs from the declaration is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.clock import now
from notifications.choices import Channel
from notifications.defaults import Change, Place
from notifications.models import RoleDefault
from notifications.roledefaults import DefaultsMoved, save_defaults
from notifications.selectors import Cell, RoleRow, role_matrix
from sites.admin_base import MemberAdmin
from sites.admin_site import is_platform_staff, member_of
from sites.models import Group, User
from sites.scope import group_scope


@dataclass(frozen=True)
class Box:
    """One tick box. A hidden field « shown » tells what the page showed, so that a stale page harms nothing."""

    row: RoleRow
    cell: Cell

    @property
    def name(self) -> str:
        return f"{self.row.notice.key}:{self.row.role}:{self.cell.channel}"

    @property
    def label(self) -> str:
        return f"{self.row.notice.name} · {self.row.role.label} · {self.cell.channel.label}"

    @property
    def is_changed(self) -> bool:
        return self.cell.own is not None and not self.cell.mandatory


@dataclass(frozen=True)
class NoticeLines:
    """A notice with one line of boxes a role."""

    name: str | Promise
    category: str | Promise
    lines: Sequence[tuple[str | Promise, list[Box]]]


@admin.register(RoleDefault)
class RoleDefaultAdmin(MemberAdmin):
    """One page, no list: the matrix."""

    needs = "notifications.edit_defaults"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_add_permission = has_delete_permission  # the matrix adds and removes

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the matrix of a group, or keep what was ticked."""
        group = self._group(request)
        with group_scope(group.pk):
            if request.method == "POST":
                try:
                    changed = _keep(request, group)
                except DefaultsMoved:
                    messages.error(
                        request, _("Somebody changed the same defaults meanwhile. Nothing was saved.")
                    )
                else:
                    messages.success(request, _("Defaults changed: %(count)d") % {"count": changed})
                return redirect(f"{request.path}?group={group.pk}")
            context = {
                **self.admin_site.each_context(request),
                "title": _("Who hears of what, by default"),
                "opts": self.model._meta,
                "group": group,
                "groups": Group.objects.order_by("name") if is_platform_staff(request) else [],
                "channels": [channel.label for channel in Channel],
                "notices": list(_notices(role_matrix())),
                **(extra_context or {}),
            }
            return render(request, "admin/notifications/roledefault/matrix.html", context)

    def _group(self, request: HttpRequest) -> Group:
        """The group whose defaults are edited: one's own; platform staff may choose."""
        wanted = request.GET.get("group", "")
        member = member_of(request)
        if is_platform_staff(request) and (wanted or member is None):
            is_number = wanted.isdecimal() and len(wanted) < 19
            group = Group.objects.filter(pk=wanted).first() if is_number else Group.objects.first()
        else:
            group = Group.objects.filter(pk=member.group_id).first() if member else None
        if group is None:
            raise Http404
        return group


def _keep(request: HttpRequest, group: Group) -> int:
    """Write the boxes that differ from what the page showed; the number of them."""
    boxes = [Box(row, cell) for row in role_matrix() for cell in row.cells.values()]
    changes = [change for box in boxes if (change := _change(request, box)) is not None]
    by = request.user if isinstance(request.user, User) else None
    save_defaults(group_id=group.pk, by=by, changes=changes, at=now())
    return len(changes)


def _change(request: HttpRequest, box: Box) -> Change | None:
    """What was ticked, unless the page showed it so already."""
    if box.cell.mandatory or f"shown:{box.name}" not in request.POST:
        return None
    ticked = box.name in request.POST
    if ticked == (request.POST[f"shown:{box.name}"] == "1"):
        return None
    place = Place(box.row.notice.key, box.row.role, box.cell.channel)
    return Change(place, shown=box.cell.own, wanted=place.setting_for(enabled=ticked))


def _notices(rows: list[RoleRow]) -> Iterator[NoticeLines]:
    for _key, of_notice in groupby(rows, key=lambda row: row.notice.key):
        lines = list(of_notice)
        notice = lines[0].notice
        boxes = [(row.role.label, [Box(row, cell) for cell in row.cells.values()]) for row in lines]
        yield NoticeLines(notice.name, notice.category.name, boxes)
