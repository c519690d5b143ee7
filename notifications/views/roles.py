"""« What each role hears »: the group's defaults as a matrix, a draft of changes, their effect, and taking them back.

The draft stands in the address: nothing is kept before « Save », and each page can be reloaded and sent on.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from notifications import registry
from notifications.choices import Channel
from notifications.defaults import MOST_CHANGES, Change, Draft, Place
from notifications.matrix import Matrix, latest_batches
from notifications.models import RoleDefaultChange
from notifications.past import recent_past
from notifications.roledefaults import (
    DefaultsMoved,
    UnknownBatch,
    UnknownPlace,
    kept_defaults,
    save_defaults,
    take_back,
)
from notifications.views.role_lines import EffectPage, TypeLine, said, side_by_side
from notifications.whatif import effect_of
from sites.chosen import clock_of, sites_of
from sites.http import MemberRequest, member_required
from sites.roles import Role

EDIT = "notifications.edit_defaults"


@require_safe
@member_required(EDIT)
def roles(request: MemberRequest) -> HttpResponse:
    """All roles side by side; `?role=` opens one, to change it. `?change=` is the draft; nonsense is ignored."""
    draft, role = _draft_of(request.GET), _role_of(request.GET)
    matrix = Matrix(draft)
    context = {
        "draft": draft,
        "drafted": [str(change) for change in draft.changes.values()],
        "role": role,
        "summaries": matrix.summaries(),
        "channels": Channel,
    }
    if role is None:
        context |= {"categories": side_by_side(matrix), "batches": latest_batches()}
        return render(request, "notifications/roles.html", context)
    language = request.member.user.language
    context["sections"] = [
        (section.category, [TypeLine(row, language) for row in section.rows])
        for section in matrix.sections(role)
    ]
    return render(request, "notifications/role.html", context)


@require_POST
@member_required(EDIT)
def draft(request: MemberRequest) -> HttpResponse:
    """Take in what was ticked on a role's page, and go where the pressed button leads."""
    changed = _reset(request.POST, _ticked(request.POST))
    if len(changed) > MOST_CHANGES:
        messages.error(request, _("Too many changes at once: save these first."))
        changed = Draft.of(list(changed.changes.values())[:MOST_CHANGES])
    goal, _colon, role = request.POST.get("go", "").partition(":")
    if goal == "save":
        return _save(request, changed)
    if goal == "effect":
        return redirect(_address("notifications:roles-effect", changed, _role_of(request.POST)))
    to_role = Role(role) if goal == "role" and role in Role.values else None
    stay = _role_of(request.POST) if goal == "reset" else None
    return redirect(_address("notifications:roles", changed, to_role or stay))


@require_safe
@member_required(EDIT)
def effect(request: MemberRequest) -> HttpResponse:
    """Who would have heard how much of the last days, before and after the draft."""
    draft, role = _draft_of(request.GET), _role_of(request.GET)
    if not draft:
        return redirect(_address("notifications:roles", draft, role))
    zone = clock_of(sites_of(request.member), None)
    told = effect_of(draft, recent_past(at=clock.now(), zone=zone))
    context = {
        "page": EffectPage(
            told, lambda place: _address("notifications:roles-effect", draft.without(place), role)
        ),
        "drafted": [str(change) for change in draft.changes.values()],
        "back_url": _address("notifications:roles", draft, role),
        "role": role,
    }
    return render(request, "notifications/roles_effect.html", context)


@require_POST
@member_required(EDIT)
def save(request: MemberRequest) -> HttpResponse:
    """Keep the draft whose effect was shown."""
    return _save(request, _draft_of(request.POST))


@require_POST
@member_required(EDIT)
def undo(request: MemberRequest, batch: UUID) -> HttpResponse:
    """Put what was saved at once back as it was before."""
    member = request.member
    try:
        take_back(group_id=member.group_id, by=member.user, batch=batch, at=clock.now())
    except UnknownBatch:
        raise Http404 from None
    except (DefaultsMoved, UnknownPlace):
        messages.error(request, _("Something of it was changed since: it was not taken back."))
    else:
        messages.success(request, _("Taken back: the roles hear what they heard before."))
    return redirect("notifications:roles")


def _save(request: MemberRequest, draft: Draft) -> HttpResponse:
    """Keep it, or show what somebody else decided meanwhile with the draft as it would now be saved."""
    member, role = request.member, _role_of(request.POST)
    try:
        batch = save_defaults(
            group_id=member.group_id, by=member.user, changes=draft.changes.values(), at=clock.now()
        )
    except DefaultsMoved as moved:
        kept = kept_defaults()
        for place in moved.places:
            messages.error(request, _moved(place, kept))
        return redirect(_address("notifications:roles-effect", draft.seen_as(kept), role))
    if batch is None:
        messages.info(request, _("Nothing to save: everything is so already."))
    else:
        count = len(draft)
        messages.success(
            request, ngettext("%(count)d change saved.", "%(count)d changes saved.", count) % {"count": count}
        )
    return redirect("notifications:roles")


def _moved(place: Place, kept: Mapping[Place, bool]) -> str:
    """Who was quicker, and what there is now."""
    latest = RoleDefaultChange.objects.filter(type_key=place.type_key, role=place.role, channel=place.channel)
    row = latest.select_related("by").order_by("-pk").first()
    words = {
        "who": row.by if row and row.by else _("Somebody"),
        "what": said(place),
        "now": _now(place, kept),
    }
    return _("%(who)s changed this meanwhile: %(what)s is now %(now)s. Nothing was saved yet.") % words


def _now(place: Place, kept: Mapping[Place, bool]) -> str:
    return _("on") if place.enabled_by(kept.get(place)) else _("off")


def _draft_of(told: QueryDict) -> Draft:
    return Draft.read(told.getlist("change")[:MOST_CHANGES])


def _role_of(told: QueryDict) -> Role | None:
    """The role whose page it is; None for all, and for one that hears of nothing."""
    wanted = told.get("role", "")
    heard = {role for notice in registry.all_notices() for role in notice.roles_concerned()}
    return Role(wanted) if wanted in heard else None


def _ticked(posted: QueryDict) -> Draft:
    """The draft with the switches as the role's page was left. What it did not show stays as it is."""
    draft, on = _draft_of(posted), set(posted.getlist("on"))
    for text in posted.getlist("shown"):
        shown = Change.read(text)
        if shown is not None and not shown.place.is_mandatory:
            draft = draft.ticked(shown.place, shown.shown, enabled=str(shown.place) in on)
    return draft


def _reset(posted: QueryDict, draft: Draft) -> Draft:
    """With the row or the role that was sent back to the product (« go » says which), or without the whole draft."""
    goal, _colon, which = posted.get("go", "").partition(":")
    if goal == "discard":
        return Draft()
    if goal != "reset":
        return draft
    places = [change.place for text in posted.getlist("shown") if (change := Change.read(text))]
    kept = kept_defaults()
    chosen = [place for place in places if which in (place.type_key, "")]
    return draft.then(Change(place, kept.get(place), None) for place in chosen)


def _address(page: str, draft: Draft, role: Role | None) -> str:
    told = [("role", role.value)] if role else []
    told += [("change", str(change)) for change in draft.changes.values()]
    return reverse(page) + (f"?{urlencode(told)}" if told else "")
