"""What a request asks of the stock list: the same for the page, its filter panel and its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import QuerySet
from django.http import QueryDict

from core.clock import now
from core.money import currency_of
from sites.access import Member
from sites.chosen import chosen_site_id, clock_of
from sites.http import MemberRequest
from sites.models import Site
from stock import columns, selectors
from stock.columns import Column
from stock.filter_form import StockFilterForm
from stock.filters import EVERY_SITE, StockFilter, matching
from stock.models import SavedView, Vehicle
from stock.searching import Search, search_for
from stock.selectors import Facets
from stock.sorting import Sort

# What an address carries that is no part of a view.
_PASSING = ("cursor", "view")


@dataclass(frozen=True)
class Asked:
    """The filter, the search, the order, the columns and the view of one request. Reads once what it needs."""

    member: Member
    query: QueryDict
    sites: list[Site]
    own_sites: list[Site]
    form: StockFilterForm
    today: date

    @cached_property
    def wanted(self) -> StockFilter:
        return self.form.wanted()

    @property
    def sort(self) -> Sort:
        return self.form.sort_chosen

    @cached_property
    def search(self) -> Search:
        return search_for(self.wanted.text, group_id=self.member.group_id, literal=self.wanted.is_literal)

    @cached_property
    def vehicles(self) -> QuerySet[Vehicle]:
        """Those that fit, in no order yet."""
        visible = selectors.visible_vehicles(self.member)
        return matching(visible, self.wanted, self.search, today=self.today)

    @cached_property
    def facets(self) -> Facets:
        visible = selectors.visible_vehicles(self.member)
        return selectors.facets_of(visible, self.wanted, self.search, today=self.today)

    @cached_property
    def views(self) -> list[SavedView]:
        return selectors.views_for(self.member)

    @cached_property
    def view(self) -> SavedView | None:
        """The view that is open; an unknown one counts as none."""
        return next((view for view in self.views if str(view.pk) == self.query.get("view")), None)

    @cached_property
    def columns(self) -> list[Column]:
        """Those of the view, else those that the person has chosen, else the usual ones."""
        of_view = self.view.columns if self.view else None
        keys = of_view or selectors.chosen_columns(self.member)
        return columns.chosen(self.member, keys)

    @property
    def currency(self) -> str:
        """What amounts are said in: the currency of where the person works."""
        sites = self.own_sites or self.sites
        return currency_of(sites[0].country if sites else "FR")

    @property
    def view_query(self) -> str:
        """The filter and the order as a view keeps them."""
        return as_kept(self.query)


def asked_by(request: MemberRequest) -> Asked:
    """Read the request. Without a site in the address, the one that the person looks at narrows the list."""
    member = request.member
    sites = selectors.sites_of_group()
    chosen = chosen_site_id(request, member)
    query = request.GET.copy()
    if "site" not in query:
        query.setlist("site", [site.slug for site in sites if site.pk == chosen])
    form = StockFilterForm(query.copy(), sites=sites)
    _leave_out_unknown(query, sites, member)
    own = member.site_ids("sites.belong")
    own_sites = [site for site in sites if own is None or site.pk in own]
    return Asked(
        member=member,
        query=query,
        sites=sites,
        own_sites=own_sites,
        form=form,
        today=now().astimezone(clock_of(own_sites, chosen)).date(),
    )


def _leave_out_unknown(query: QueryDict, sites: list[Site], member: Member) -> None:
    """The page writes the address anew in many places: a name that is nobody's here stands in none of them."""
    known = {EVERY_SITE, *(site.slug for site in sites)}
    query.setlist("site", [name for name in query.pop("site", []) if name in known])
    if "view" in query and query["view"] not in {str(view.pk) for view in selectors.views_for(member)}:
        del query["view"]


def as_kept(query: QueryDict, *without: str) -> str:
    """The address in one way of writing: sorted, without what is empty or passing. Equal filters are equal texts."""
    kept = QueryDict(mutable=True)
    for name in sorted(query):
        values = sorted({value for value in query.getlist(name) if value})
        if values and name not in (*_PASSING, *without):
            kept.setlist(name, values)
    return kept.urlencode()
