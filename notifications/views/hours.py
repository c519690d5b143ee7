"""« My hours »: when nothing but the critical rings, days away, shifts volunteered for, and how much to follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from notifications import attention
from notifications.calendars import calendars_of
from notifications.choices import Quiet, Width
from notifications.forms import AbsenceForm, DutyForm, FollowingForm, MeasureForm, RhythmForm
from notifications.models import Absence, DutyShift, QuietHours, Rhythm
from notifications.selectors import followings_of, preference_matrix
from notifications.services import (
    UnknownTopic,
    add_absence,
    add_duty,
    follow,
    remove_absence,
    remove_duty,
    set_measure,
    set_rhythm,
)
from notifications.standing_in import colleagues_of
from notifications.timing import Calendar, QuietStretch
from sites.access import Member
from sites.http import MemberRequest, member_required
from sites.models import Site

# The word in an address for « everything », whose topic is empty.
EVERYTHING = "everything"
_AS_EVERYTHING = gettext_lazy("As for everything")


@require_safe
@member_required()
def hours(request: MemberRequest) -> HttpResponse:
    """The page with its forms as they are kept."""
    return _page(request)


@require_POST
@member_required()
def keep_rhythm(request: MemberRequest) -> HttpResponse:
    """Keep when the person may be disturbed."""
    form = RhythmForm(request.POST)
    if not form.is_valid():
        return _page(request, rhythm=form)
    set_rhythm(
        member=request.member,
        quiet=Quiet(form.cleaned_data["quiet"]),
        time_zone=form.cleaned_data["time_zone"],
        stretches=form.stretches(),
    )
    return _kept(request)


@require_POST
@member_required()
def keep_measure(request: MemberRequest) -> HttpResponse:
    """Keep when recaps come and how much may ring."""
    form = MeasureForm(request.POST)
    if not form.is_valid():
        return _page(request, measure=form)
    set_measure(member=request.member, **form.cleaned_data)
    return _kept(request)


@require_POST
@member_required()
def away(request: MemberRequest) -> HttpResponse:
    """Add an absence."""
    at = now()
    today = _calendar(request.member, at).day_of(at)
    planned = Absence.objects.filter(user=request.member.user, last_day__gte=today)
    form = AbsenceForm(request.POST, today=today, colleagues=colleagues_of(request.member), planned=planned)
    if not form.is_valid():
        return _page(request, absence=form)
    add_absence(member=request.member, **form.cleaned_data)
    return _kept(request)


@require_POST
@member_required()
def back(request: MemberRequest, absence_id: int) -> HttpResponse:
    """Take an absence away."""
    if not remove_absence(member=request.member, absence_id=absence_id):
        raise Http404
    return _kept(request)


@require_POST
@member_required()
def on_duty(request: MemberRequest) -> HttpResponse:
    """Volunteer for a shift."""
    form = DutyForm(request.POST, sites=_sites(request.member), at=now())
    if not form.is_valid():
        return _page(request, duty=form)
    shift = form.cleaned_data
    add_duty(
        member=request.member, site=shift["site"], starts_at=shift["starts_at"], ends_at=shift["ends_at"]
    )
    return _kept(request)


@require_POST
@member_required()
def off_duty(request: MemberRequest, shift_id: int) -> HttpResponse:
    """Give a shift up."""
    if not remove_duty(member=request.member, shift_id=shift_id):
        raise Http404
    return _kept(request)


@require_POST
@member_required()
def keep_following(request: MemberRequest, topic: str) -> HttpResponse:
    """Keep how much of a topic the person follows."""
    key = "" if topic == EVERYTHING else topic
    form = _following_forms(request.member, [key], request.POST)[key]
    if not form.is_valid():
        return _page(request, followings={key: form})
    width = form.cleaned_data["width"]
    try:
        follow(
            member=request.member,
            topic=key,
            width=Width(width) if width else None,
            site_ids=form.cleaned_data["sites"],
        )
    except UnknownTopic:
        raise Http404 from None
    return _kept(request)


def _kept(request: MemberRequest) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("notifications:hours")


def _page(request: MemberRequest, **bound: Any) -> HttpResponse:
    """The page; `bound` are forms that could not be kept and say why."""
    member, at = request.member, now()
    calendar = _calendar(member, at)
    today, later = calendar.day_of(at), calendar.reachable_from(at)
    context = {
        "rhythm": bound.get("rhythm") or _rhythm_form(member),
        "measure": bound.get("measure") or _measure_form(calendar),
        "told_today": attention.counter_for({member.user.pk: calendar}, at).today(member.user.pk),
        "daily_limit": calendar.daily_limit,
        "absence": bound.get("absence") or AbsenceForm(today=today, colleagues=colleagues_of(member)),
        "duty": bound.get("duty") or DutyForm(sites=_sites(member), at=at),
        "absences": Absence.objects.filter(user=member.user, last_day__gte=today).select_related("stand_in"),
        "shifts": DutyShift.objects.filter(user=member.user, ends_at__gt=at).select_related("site"),
        "followings": _following_lines(member, bound.get("followings", {})),
        "is_reachable": calendar.is_reachable(at),
        "is_away": calendar.is_away(at),
        "reachable_from": later if calendar.is_reachable(later) else None,
        "zone": calendar.zone,
    }
    return render(request, "notifications/hours.html", context, status=400 if bound else 200)


def _calendar(member: Member, at: datetime) -> Calendar:
    return calendars_of([member.user.pk], at)[member.user.pk]


def _rhythm_form(member: Member) -> RhythmForm:
    kept = Rhythm.objects.filter(user=member.user).first()
    rows = QuietHours.objects.filter(user=member.user)
    stretches = {row.weekday: QuietStretch(row.weekday, row.starts, row.ends) for row in rows}
    quiet = Quiet(kept.quiet) if kept else Quiet.SITE
    return RhythmForm(initial=RhythmForm.initial_of(quiet, kept.time_zone if kept else "", stretches))


def _measure_form(calendar: Calendar) -> MeasureForm:
    names = ("recap_at", "recap_weekday", "daily_limit")
    return MeasureForm(initial={name: getattr(calendar, name) for name in names})


def _sites(member: Member) -> Any:
    """The sites on which the person has a role: all of them for who works for the group."""
    own = [site_id for _role, site_id in member.grants if site_id is not None]
    return Site.objects.filter(pk__in=own) if len(own) == len(member.grants) else Site.objects.all()


def _following_lines(
    member: Member, bound: dict[str, FollowingForm]
) -> list[tuple[str, str | Promise, FollowingForm]]:
    """A line for everything, and one for each category: the word for the address, the name, the form."""
    topics: list[tuple[str, str | Promise]] = [("", _("Everything"))]
    topics += [(row.topic, row.category.name) for row in preference_matrix(member)]
    forms = {**_following_forms(member, [key for key, _name in topics]), **bound}
    return [(key or EVERYTHING, name, forms[key]) for key, name in topics]


def _following_forms(member: Member, topics: Iterable[str], data: Any = None) -> dict[str, FollowingForm]:
    """The form of each topic. Two queries, whatever their number."""
    kept = followings_of(member)
    sites = list(_sites(member).values_list("pk", "name"))
    return {
        topic: FollowingForm(
            data,
            initial={"width": kept[topic].width, "sites": list(kept[topic].site_ids)}
            if topic in kept
            else {},
            sites=sites,
            empty=_AS_EVERYTHING if topic else Width.GROUP.label,
            prefix=topic or EVERYTHING,
        )
        for topic in topics
    }
