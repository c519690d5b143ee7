"""GET /api/v1/stock/ and one vehicle of it: for staff, by the same filter as the page."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from core.clock import now
from sites.api.problems import INVALID_PARAMETERS, NOT_FOUND, FieldError, Problem
from sites.api.views import TenantAPIView
from sites.chosen import clock_of, sites_of
from stock.access import VIEW, vehicle_for
from stock.api import list_documentation as doc
from stock.api.list_shapes import vehicle_detail_out, vehicles_out
from stock.filter_form import StockFilterForm
from stock.filters import matching
from stock.models import Vehicle
from stock.searching import search_for
from stock.selectors import sites_of_group, visible_vehicles
from stock.sorting import MAX_PAGE_SIZE, PAGE_SIZE, BadCursor, Page, Sort, page_of


class StockReader(TenantAPIView):
    """For staff alone: machines read the public feeds."""

    permissions: ClassVar[dict[str, str]] = {"GET": VIEW}

    @property
    def today(self) -> date:
        """The caller's, for ages in days."""
        return now().astimezone(clock_of(sites_of(self.member), None)).date()


class StockCollection(StockReader):
    @extend_schema(**doc.LIST)
    def get(self, request: Request) -> HttpResponse:
        """A page of the group's vehicles."""
        form = StockFilterForm(request.query_params, sites=sites_of_group())
        if not form.is_valid():
            raise _parameters(*[(name, " ".join(map(str, texts))) for name, texts in form.errors.items()])
        wanted, today = form.wanted(), self.today
        search = search_for(wanted.text, group_id=self.member.group_id, literal=wanted.is_literal)
        vehicles = matching(visible_vehicles(self.member), wanted, search, today=today)
        page = self._page(vehicles, request, form.sort_chosen)
        return _json(
            vehicles_out(
                page.vehicles,
                self.member,
                today=today,
                searched=search.said,
                next_url=_address_of_next(request, page.next_cursor) if page.next_cursor else None,
            )
        )

    def _page(self, vehicles: QuerySet[Vehicle], request: Request, sort: Sort) -> Page:
        cursor = request.query_params.get("cursor", "")
        try:
            return page_of(vehicles, sort=sort, cursor=cursor, limit=_limit(request))
        except BadCursor:
            raise _parameters(("cursor", _("Take the cursor from “next” as it is."))) from None


class StockDetail(StockReader):
    @extend_schema(**doc.DETAIL)
    def get(self, _request: Request, vehicle_id: UUID) -> HttpResponse:
        """One vehicle."""
        vehicle = vehicle_for(self.member, vehicle_id)
        if vehicle is None:
            raise Problem(NOT_FOUND)
        return _json(vehicle_detail_out(vehicle, self.member, self.today))


def _parameters(*faults: tuple[str, Any]) -> Problem:
    return Problem(INVALID_PARAMETERS, errors=[FieldError(name, text) for name, text in faults])


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(PAGE_SIZE))
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise _parameters(("limit", _("From 1 to %(most)d.") % {"most": MAX_PAGE_SIZE}))
    return int(text)


def _address_of_next(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return f"{request.path}?{query.urlencode()}"


def _json(answer: msgspec.Struct) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")
