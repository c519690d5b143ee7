"""Filing lines of the inbox by forms, which work without script: the list's buttons, the hours, the undo."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from notifications.selectors import Wanted
from notifications.services import Deed, Filed, SnoozeWithoutHour, Undo, Which, file_lines, undo
from notifications.snoozing import NoSuchHour, checked_hour, presets_for
from notifications.views.filters import Filters
from sites.http import MemberRequest, member_required

_MOST_IDS = 500


@require_safe
@member_required()
def later(request: MemberRequest) -> HttpResponse:
    """Until when to put lines off: the dialog's content, or a page of its own without script."""
    return _ask_for_hour(request, request.GET)


@require_POST
@member_required()
def file_some(request: MemberRequest) -> HttpResponse:
    """One deed to the ticked lines, to one line by its own button, or to everything that matches."""
    asked = request.POST
    name, _colon, line = asked.get("one", "").partition(":")
    deed = name or asked.get("deed", "")
    if deed not in set(Deed):
        return HttpResponseBadRequest()
    which = _which(request, line)
    if deed == Deed.SNOOZE and not asked.get("hour"):
        return _ask_for_hour(request, asked, [int(line)] if line.isdecimal() and len(line) < 19 else None)
    try:
        until = _hour(request) if deed == Deed.SNOOZE else None
        filed = file_lines(user=request.member.user, deed=Deed(deed), which=which, at=now(), until=until)
    except (NoSuchHour, SnoozeWithoutHour):
        return _ask_for_hour(request, asked, refused=True)
    return _back(request, filed)


@require_POST
@member_required()
def take_back(request: MemberRequest) -> HttpResponse:
    """The undo, as the page after the deed offered it."""
    try:
        taken_back = undo_in(request.POST)
        undo(user=request.member.user, taken_back=taken_back, at=now())
    except (ValueError, SnoozeWithoutHour):
        return HttpResponseBadRequest()
    return HttpResponseRedirect(_list_of(request))


def undo_in(data: Any) -> Undo:
    """The undo that a form or an address carries. Raises ValueError."""
    first, last = (int(data.get(name, "")[:19]) for name in ("first", "last"))
    if not 0 <= first <= last < 2**63:
        raise ValueError(first, last)
    text = data.get("until", "")
    until = checked_hour(datetime.fromtimestamp(int(text[:12]), UTC), at=now()) if text else None
    return Undo(Deed(data.get("undo", "")), first, last, until)


def _which(request: MemberRequest, line: str) -> Which:
    if line:
        return [int(line)] if _is_id(line) else []
    if request.POST.get("matching") == "1":
        filters = Filters.of(request.POST)
        wanted: Wanted = filters.wanted
        return wanted
    return [int(text) for text in request.POST.getlist("ids")[:_MOST_IDS] if _is_id(text)]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _hour(request: MemberRequest) -> datetime:
    """What was chosen: a preset by name, or a time of one's own on the clock of one's site. Raises NoSuchHour."""
    offered = presets_for(request.member, at=now())
    chosen = request.POST["hour"]
    if chosen != "own":
        return offered.until(chosen)
    return checked_hour(_instant(request.POST.get("own", ""), offered.zone), at=now())


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NoSuchHour(text) from None


def _ask_for_hour(
    request: MemberRequest, asked: Any, ids: list[int] | None = None, *, refused: bool = False
) -> HttpResponse:
    filters = Filters.of(asked)
    context = {
        "presets": presets_for(request.member, at=now()),
        "ids": ids or [text for text in asked.getlist("ids")[:_MOST_IDS] if _is_id(text)],
        "matching": asked.get("matching") == "1",
        "filters": filters,
        "refused": refused,
    }
    alone = request.headers.get("HX-Request") == "true"
    name = "notifications/_later.html" if alone else "notifications/later.html"
    return render(request, name, context, status=422 if refused else 200)


def _back(request: MemberRequest, filed: Filed) -> HttpResponse:
    """To the list again, which offers the undo."""
    done: dict[str, Any] = {"changed": filed.changed}
    if filed.undo is not None:
        done |= {"undo": filed.undo.deed.value, "first": filed.undo.first, "last": filed.undo.last}
    if filed.undo is not None and filed.undo.until is not None:
        done["until"] = int(filed.undo.until.timestamp())
    return HttpResponseRedirect(_list_of(request, **done))


def _list_of(request: HttpRequest, **more: Any) -> str:
    query = Filters.of(request.POST).query()
    return f"{reverse('notifications:inbox')}?{'&'.join(part for part in (query, urlencode(more)) if part)}"


def words_after(changed: int) -> str:
    """What the page says after a deed."""
    return _("%(n)d alerts filed.") % {"n": changed} if changed > 1 else _("Alert filed.")
