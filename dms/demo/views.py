"""The dealer's public page: its cars, its hours, and a form whose requests are leads like any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format, time_format
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import now
from dms.demo.cast import GROUPS
from dms.demo.forms import EnquiryForm, opened_mark
from dms.demo.limits import may_post
from dms.demo.showroom import WindowCar, cars_at
from leads.models import LeadSource, SourceKind
from leads.services import receive_lead
from sites.hours import SiteHours, hours_of
from sites.models import Site
from sites.phones import as_dialled
from sites.scope import every_group, group_scope


@dataclass(frozen=True)
class Day:
    """A line of the opening hours. `stretches` is empty when closed."""

    name: str
    stretches: list[str]
    is_today: bool


@dataclass(frozen=True)
class Dealer:
    """A site as its customers see it at one moment."""

    site: Site
    hours: SiteHours
    at: datetime

    @property
    def brand(self) -> str:
        return self.site.group.name

    @property
    def phone(self) -> str:
        return as_dialled(self.site.phone, self.site.country)

    @cached_property
    def cars(self) -> tuple[WindowCar, ...]:
        return cars_at(self.site)

    @cached_property
    def is_open(self) -> bool:
        return self.hours.is_open(self.at)

    @property
    def opens(self) -> datetime | None:
        """The next opening by the site's own clock; None when nothing is planned."""
        opening = self.hours.next_opening(self.at)
        return opening.astimezone(self.site.zone) if opening else None

    @property
    def opens_today(self) -> bool:
        return self.opens is not None and self.opens.date() == self._today

    @property
    def week(self) -> Iterator[Day]:
        """The seven days from Monday of this week; holidays of this week show as closed."""
        monday = self._today - timedelta(days=self._today.weekday())
        for offset in range(7):
            day = monday + timedelta(days=offset)
            stretches = [
                f"{time_format(opens)} – {time_format(closes)}" for opens, closes in self.hours.stretches(day)
            ]
            yield Day(date_format(day, "l"), stretches, is_today=day == self._today)

    @property
    def _today(self) -> date:
        return self.at.astimezone(self.site.zone).date()


@require_http_methods(["GET", "HEAD", "POST"])
def dealer(request: HttpRequest, site_slug: str) -> HttpResponse:
    """The page with its form; a request that is understood becomes a lead and leads to the thanks."""
    at = now()
    site = _demo_site(site_slug)
    with group_scope(site.group_id):
        shown = Dealer(site, hours_of(site), at)
        if request.method != "POST":
            return _page(request, shown, _form(shown, request, posted=False))
        form = _form(shown, request, posted=True)
        if not may_post(request, site.pk):
            return _page(request, shown, form, is_limited=True, status=429)
        if not form.is_valid():
            return _page(request, shown, form, status=422)
        enquiry = form.enquiry(page_url=request.build_absolute_uri())
        receive_lead(source=_website_of(site), enquiry=enquiry, at=at)
    return redirect("demo:thanks", site_slug=site_slug)


@require_safe
def thanks(request: HttpRequest, site_slug: str) -> HttpResponse:
    """When the prospect will be called back, by the site's hours."""
    site = _demo_site(site_slug)
    with group_scope(site.group_id):
        return render(request, "demo/thanks.html", {"dealer": Dealer(site, hours_of(site), now())})


def _demo_site(slug: str) -> Site:
    """The demo site of this name. Outside demo mode there is none: 404."""
    if not settings.DEMO:
        raise Http404
    with every_group():
        rows = Site.objects.select_related("group").filter(group__slug__in=[cast.slug for cast in GROUPS])
        site = rows.filter(slug=slug).first()
    if site is None:
        raise Http404
    return site


def _website_of(site: Site) -> LeadSource:
    rows = LeadSource.objects.select_related("site").filter(site=site, kind=SourceKind.WEBSITE)
    return rows.order_by("pk")[0]


def _form(dealer: Dealer, request: HttpRequest, *, posted: bool) -> EnquiryForm:
    initial = {"car": request.GET.get("car", ""), "opened": opened_mark(dealer.at)}
    data = request.POST if posted else None
    return EnquiryForm(data, initial=initial, cars=dealer.cars, country=dealer.site.country, at=dealer.at)


def _page(
    request: HttpRequest, dealer: Dealer, form: EnquiryForm, *, status: int = 200, is_limited: bool = False
) -> HttpResponse:
    context = {"dealer": dealer, "form": form, "is_limited": is_limited}
    response = render(request, "demo/dealer.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-store"  # the form's mark of time is this visitor's own
    return response
