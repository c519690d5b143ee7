"""GET /api/v1/feeds/stock.json and stock.csv: what the key's outlet shows."""

from __future__ import annotations

from typing import ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from core.clock import now
from sites.api.callers import ApiKeyAuthentication
from sites.api.views import TenantAPIView
from sites.keys import KeyHolder
from stock.api import documentation as doc
from stock.api.answers import csv_answer, json_answer
from stock.models import Outlet
from stock.publishing.outlets import outlet_of_key

READ = "stock:read"


class FeedView(TenantAPIView):
    """For machines only: people have the stock list, which shows more."""

    authentication_classes: ClassVar[list[type[BaseAuthentication]]] = [ApiKeyAuthentication]  # type: ignore[misc]
    key_scopes: ClassVar[dict[str, tuple[str, ...]]] = {"GET": (READ,)}

    def outlet(self) -> Outlet:
        """Of the key that was admitted."""
        assert isinstance(self.caller, KeyHolder)
        return outlet_of_key(self.caller)


class StockJson(FeedView):
    @extend_schema(**doc.JSON)
    def get(self, request: Request) -> HttpResponseBase:
        """Vehicles in the words of schema.org."""
        return json_answer(request._request, self.outlet(), at=now())  # noqa: SLF001 - REST framework's name


class StockTable(FeedView):
    @extend_schema(**doc.TABLE)
    def get(self, request: Request) -> HttpResponseBase:
        """Vehicles as a table."""
        return csv_answer(request._request, self.outlet(), at=now())  # noqa: SLF001 - REST framework's name
