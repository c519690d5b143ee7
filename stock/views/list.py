"""The stock list: every vehicle of the group, filtered, searched, a page at a time, and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sites.http import MemberRequest, member_required
from stock import listing
from stock.access import EDIT, VIEW
from stock.chips import chips_of, filters_in
from stock.columns import ALWAYS, columns_for
from stock.exporting import FORMATS, answer
from stock.filters import EVERY_SITE
from stock.panel import panel_of
from stock.selectors import Size, size_of
from stock.sorting import BadCursor, Page, page_of
from stock.views.asked import Asked, as_kept, asked_by
from stock.views.saved import DELETED

# What « new arrivals » are: of the last week.
_NEW_DAYS = 7
# Who goes from one pill to the next keeps his search and his order.
_BESIDE = ("q", "exact", "sort")
# More sites than that are chosen in the filter, not by pills.
_MOST_PILLS = 3


@dataclass(frozen=True)
class Pill:
    """A way to look at the stock that stands above the list."""

    label: str | Promise
    query: str
    is_current: bool
    icon: str


@require_safe
@member_required(VIEW)
def stock_list(request: MemberRequest) -> HttpResponse:
    """The vehicles that fit the filter; for htmx what changes with it, or the next rows alone."""
    asked = asked_by(request)
    page = _page(request, asked)
    context = {
        "asked": asked,
        "rows": listing.rows_of(page.vehicles, asked.columns, request.member, asked.today, sites=asked.sites),
        "next_query": _next(asked.query, page.next_cursor),
        "columns": asked.columns,
        "ask_label": _("Ask for it"),
        "star_label": _("Highlighted"),
    }
    target = _htmx_target(request)
    if target == "more":
        return render(request, "stock/_rows.html", context)
    context |= _around(request, asked, page)
    if target:
        return render(request, "stock/_results.html", context)
    return render(request, "stock/list.html", context | _tools(request, asked))


@require_safe
@member_required(VIEW)
def filter_panel(request: MemberRequest) -> HttpResponse:
    """Everything that can narrow the list, with how many vehicles each choice would find."""
    asked = asked_by(request)
    context = {
        "asked": asked,
        "panel": panel_of(asked),
        "size": size_of(asked.vehicles),
        "nothing_query": f"site={EVERY_SITE}",
    }
    return render(request, "stock/_panel.html" if _htmx_target(request) else "stock/filter.html", context)


@require_safe
@member_required(VIEW)
def export(request: MemberRequest, form: str) -> HttpResponseBase:
    """The filtered list as a file, with the columns that the person sees."""
    asked = asked_by(request)
    return answer(form, asked.vehicles, sort=asked.sort, shown=asked.columns, member=asked.member,
                  today=asked.today)  # fmt: skip


def _page(request: MemberRequest, asked: Asked) -> Page:
    cursor = request.GET.get("cursor", "")
    try:
        return page_of(asked.vehicles, sort=asked.sort, cursor=cursor)
    except BadCursor:
        return page_of(asked.vehicles, sort=asked.sort)


def _around(request: MemberRequest, asked: Asked, page: Page) -> dict[str, Any]:
    """What stands around the rows and changes with the filter."""
    is_first = "cursor" not in request.GET
    return {
        "heads": listing.heads_of(asked.columns, asked.sort, asked.query),
        "vehicle_head": listing.vehicle_head(asked.sort, asked.query),
        "chips": chips_of(asked.form, asked.query, asked.sites, asked.currency),
        "faults": [
            (asked.form.fields[name].label, texts[0]) for name, texts in asked.form.errors.items() if texts
        ],
        "size": _size(asked, page, is_first=is_first),
        "is_first": is_first,
        "first_query": listing.with_changes(asked.query),
        "literal_query": listing.with_changes(asked.query, exact="1"),
        "nothing_query": f"site={EVERY_SITE}",
        "files": [(form.upper(), reverse(f"stock:export-{form}")) for form in FORMATS],
        "file_query": as_kept(asked.query) + (f"&view={asked.view.pk}" if asked.view else ""),
        "is_view_changed": asked.view is not None and asked.view.query != asked.view_query,
        "pills": _pills(asked),
        "filters_in_use": filters_in(asked.query),
        "form_state": _form_state(asked.query),
    }


def _tools(request: MemberRequest, asked: Asked) -> dict[str, Any]:
    """What stands above the list and does not change with the filter."""
    shown = {column.key for column in asked.columns}
    return {
        "sorts": listing.sort_choices(asked.sort),
        "column_choices": [
            (column, column.key in shown)
            for column in columns_for(request.member)
            if column.key not in ALWAYS
        ],
        "may_edit": request.member.can(EDIT),
        "deleted_view": request.session.pop(f"{DELETED}_shown", None),
        "search_label": _("Search the stock: make, model, version, plate, stock number, VIN"),
    }


def _size(asked: Asked, page: Page, *, is_first: bool) -> Size:
    """Counted only where the page itself does not say it."""
    if is_first and not page.next_cursor:
        return Size(len(page.vehicles), is_more=False)
    return size_of(asked.vehicles)


def _pills(asked: Asked) -> list[Pill]:
    """The whole group, one's own sites, the new arrivals; then the views."""
    anywhere = f"site={EVERY_SITE}"
    fixed: list[tuple[str | Promise, str, str]] = [(gettext_lazy("Whole group"), anywhere, "buildings")]
    if len(asked.sites) > 1 and len(asked.own_sites) <= _MOST_PILLS:
        fixed += [(site.name, f"site={site.slug}", "geo-alt") for site in asked.own_sites]
    fixed.append((gettext_lazy("Arrived this week"), f"age_to={_NEW_DAYS}&{anywhere}", "stars"))
    kept = {name: str(asked.query[name]) for name in _BESIDE if asked.query.get(name)}
    shown = as_kept(asked.query, *_BESIDE)
    same = {shown, f"{shown}&{anywhere}".lstrip("&")}  # no site at all is every site
    plain = [
        Pill(
            label, listing.with_changes(QueryDict(query), **kept), asked.view is None and query in same, icon
        )
        for label, query, icon in fixed
    ]
    return plain + [
        Pill(
            view.name,
            f"{view.query}&view={view.pk}".lstrip("&"),
            is_current=view == asked.view,
            icon="people" if view.is_shared else "bookmark",
        )
        for view in asked.views
    ]


def _form_state(query: QueryDict) -> list[tuple[str, str]]:
    """What the closed filter panel keeps in the form, so that a search does not forget it."""
    names = [name for name in query if name not in ("q", "sort", "cursor", "exact")]
    return [(name, value) for name in names for value in query.getlist(name) if value]


def _next(query: QueryDict, cursor: str) -> str:
    return listing.with_changes(query, cursor=cursor) if cursor else ""


def _htmx_target(request: MemberRequest) -> str:
    """The id of the element that htmx will fill; empty for a whole page."""
    htmx: Any = getattr(request, "htmx", None)
    return (htmx.target or "results") if htmx and not htmx.history_restore_request else ""
