"""« Measures »: how alerts reach people, as charts for those who lead them, with what to change; and as a file."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import clock
from core.spreadsheets import as_csv
from notifications import charts, measures, registry
from notifications.choices import Channel
from notifications.measures import VIEW, Compared, Entry, Wanted
from notifications.measures_table import table
from notifications.roledefaults import kept_defaults
from notifications.selectors import administrators
from notifications.suggestions import Suggestion, suggestions
from sites.access import Member
from sites.chosen import chosen_site_id, clock_of, sites_of
from sites.http import MemberRequest, member_required
from sites.models import Site, User
from sites.roles import Role

PERIODS = (7, 30, 90)
_USUAL = 30
_SUGGESTED = 3
EDIT = "notifications.edit_defaults"

Text = str | Promise


@dataclass(frozen=True)
class Part:
    """One line of the breakdown: a type, a role, a site or a channel; `query` narrows the page to it."""

    name: Text
    both: Compared
    query: str = ""


@dataclass(frozen=True)
class Advice:
    """A suggestion in the reader's terms, and whom to ask when he may not change it himself."""

    suggestion: Suggestion
    type_name: Text
    where: str
    ask: User | None
    ask_about: str = ""

    @property
    def role(self) -> Text:
        return self.suggestion.place.role.label

    @property
    def channel(self) -> Text:
        return self.suggestion.place.channel.label

    @property
    def change_url(self) -> str:
        """Where the change stands as a draft, with who would have heard how much less or more."""
        query = urlencode({"role": self.suggestion.place.role, "change": str(self.suggestion.change)})
        return f"{reverse('notifications:roles-effect')}?{query}"


class Looked:
    """What a person looks at: the wanted part, the entries of it, and the names of everything in them."""

    def __init__(self, request: MemberRequest) -> None:
        self.member = request.member
        self.sites = _sites(self.member)
        self.wanted = _wanted(request, self.sites)
        self.by = request.GET.get("by", "") if request.GET.get("by") in _BREAKDOWNS else "type"

    @cached_property
    def entries(self) -> list[Entry]:
        return measures.entries_of(self.member, self.wanted)

    @cached_property
    def site_names(self) -> Mapping[int | None, str]:
        return {None: _("The whole group"), **{site.pk: site.name for site in self.sites}}

    @property
    def site(self) -> Site | None:
        return next((site for site in self.sites if site.pk == self.wanted.site_id), None)

    def query(self, **changes: Any) -> str:
        """The page's address part for what is looked at, with changes; what is as usual is left out."""
        site = self.site
        held = {
            "days": self.wanted.days if self.wanted.days != _USUAL else "",
            "site": site.slug if site else "",
            "role": self.wanted.role,
            "type": self.wanted.type_key,
            "by": self.by if self.by != "type" else "",
        }
        return urlencode({name: value for name, value in {**held, **changes}.items() if value})


@require_safe
@member_required(VIEW)
def page(request: MemberRequest) -> HttpResponse:
    """The charts. `?days=`, `?site=`, `?role=` and `?type=` narrow them, `?by=` cuts the table; nonsense is ignored."""
    looked = Looked(request)
    whole = measures.whole(looked.entries)
    spans = charts.spans(whole, looked.wanted)
    context = {
        "looked": looked,
        "both": measures.compared(whole, looked.wanted),
        "reactions": charts.reactions(spans),
        "outcomes": charts.outcomes(spans),
        "parts": _parts(looked),
        "advice": _advice(looked),
        "may_edit": looked.member.can(EDIT),
        "periods": [(days, looked.query(days=days if days != _USUAL else "")) for days in PERIODS],
        "breakdowns": [(name, one.label, looked.query(by=name)) for name, one in _BREAKDOWNS.items()],
        "type_name": _type_name(looked.wanted.type_key) if looked.wanted.type_key else "",
        "types": [(notice.key, notice.name) for notice in registry.all_notices()],
        "roles": Role.choices,
        "measured_at": measures.measured_at(),
        "export_query": looked.query(),
    }
    return render(request, "notifications/measures.html", context)


@require_safe
@member_required(VIEW)
def export(request: MemberRequest) -> HttpResponse:
    """The same figures as a table: one line for each type, site, role and channel."""
    looked = Looked(request)
    language = translation.get_language() or "fr"
    text = as_csv(table(looked.entries, looked.wanted, looked.site_names), language=language)
    name = f"measures-{looked.wanted.since}-{looked.wanted.until}.csv"
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _sites(member: Member) -> list[Site]:
    """The sites whose measures the person may see, by name."""
    allowed = member.site_ids(VIEW)
    return [site for site in sites_of(member) if allowed is None or site.pk in allowed]


def _wanted(request: MemberRequest, sites: list[Site]) -> Wanted:
    query: QueryDict = request.GET
    chosen = chosen_site_id(request, request.member)
    by_slug = {site.slug: site.pk for site in sites}
    site_id = by_slug.get(query.get("site", "")) or (chosen if chosen in by_slug.values() else None)
    days, role, type_key = query.get("days", ""), query.get("role", ""), query.get("type", "")
    return Wanted(
        until=_today(clock.now(), sites, site_id),
        days=int(days) if days in map(str, PERIODS) else _USUAL,
        site_id=site_id,
        role=role if role in Role.values else "",
        type_key=type_key if type_key in {notice.key for notice in registry.all_notices()} else "",
    )


def _today(at: datetime, sites: list[Site], site_id: int | None) -> Any:
    return at.astimezone(clock_of(sites, site_id)).date()


@dataclass(frozen=True)
class _Breakdown:
    """How the table may be cut: by what of an entry, and of which entries."""

    label: Text
    key: Callable[[Entry], Hashable]
    of: Callable[[Iterable[Entry]], list[Entry]] = measures.whole


_BREAKDOWNS = {
    "type": _Breakdown(gettext_lazy("By type"), lambda entry: entry.cell.type_key),
    "role": _Breakdown(gettext_lazy("By role"), lambda entry: entry.cell.role),
    "site": _Breakdown(gettext_lazy("By site"), lambda entry: entry.site_id),
    "channel": _Breakdown(
        gettext_lazy("By channel"), lambda entry: entry.cell.channel, of=measures.by_channel
    ),
}


def _parts(looked: Looked) -> list[Part]:
    """The lines of the table, those with most alerts first."""
    breakdown = _BREAKDOWNS[looked.by]
    found = measures.compared_by(breakdown.of(looked.entries), looked.wanted, breakdown.key)
    ordered = sorted(found.items(), key=lambda part: -part[1].now.sent)
    return [Part(_name(looked, key), both, _narrower(looked, key)) for key, both in ordered]


def _name(looked: Looked, key: Any) -> Text:
    match looked.by:
        case "role":
            return Role(key).label if key in Role.values else _("Role taken away since")
        case "site":
            return looked.site_names.get(key, "")
        case "channel":
            return Channel(key).label
        case _:
            return _type_name(key)


def _narrower(looked: Looked, key: Any) -> str:
    """The query that shows this part alone; empty where that cannot be asked for."""
    match looked.by:
        case "site":
            slug = next((site.slug for site in looked.sites if site.pk == key), "")
            return looked.query(site=slug, by="") if slug else ""
        case "channel":
            return ""
        case by:
            return looked.query(**{by: key, "by": "role" if by == "type" else ""}) if key else ""


def _type_name(key: str) -> Text:
    try:
        return registry.get(key).name
    except registry.UnknownNotice:
        return key


def _advice(looked: Looked) -> list[Advice]:
    """The heaviest suggestions, each with where its figures come from and who may follow it."""
    now = [entry for entry in looked.entries if entry.day >= looked.wanted.since]
    found = suggestions(now, kept_defaults())[:_SUGGESTED]
    asked = None if looked.member.can(EDIT) or not found else next(iter(administrators(EDIT)), None)
    return [_said(one, looked, asked) for one in found]


def _said(suggestion: Suggestion, looked: Looked, asked: User | None) -> Advice:
    names = [looked.site_names.get(site_id, "") for site_id in suggestion.site_ids]
    advice = Advice(
        suggestion,
        _type_name(suggestion.place.type_key),
        ", ".join(sorted(name for name in names if name)),
        asked,
    )
    return replace(advice, ask_about=_letter(advice)) if asked else advice


def _letter(advice: Advice) -> str:
    """The part of a mail address that fills in what to ask for."""
    words = {"type": advice.type_name, "channel": advice.channel, "role": advice.role, "where": advice.where}
    figures = advice.suggestion.figures
    if advice.suggestion.is_quieter:
        subject = _("Alerts: switch off “%(type)s” by %(channel)s for %(role)s?") % words
        body = _("%(percent)s%% are ignored (%(where)s). The alerts would stay in the app.")
    else:
        subject = _("Alerts: add “%(type)s” by %(channel)s for %(role)s?") % words
        body = _("Nine of ten are seen only after %(minutes)s open minutes (%(where)s).")
    numbers = {"percent": figures.ignored_percent, "minutes": (figures.ninetieth or 0) // 60}
    return urlencode({"subject": subject, "body": body % {**words, **numbers}}).replace("+", "%20")
