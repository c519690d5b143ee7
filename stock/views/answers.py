"""How views of the stock answer: what a service refuses becomes a page's answer, a deed done leads back to its page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect

from sites.http import MemberRequest
from stock.access import vehicle_for
from stock.models import Vehicle
from stock.services import StockNotAllowed, VehicleNotFound

P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def answering(view: View[P]) -> View[P]:
    """A vehicle that is not there is a missing page (404), one that is not his to change a refusal (403)."""

    @wraps(view)
    def answered(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except VehicleNotFound:
            raise Http404 from None
        except StockNotAllowed:
            raise PermissionDenied from None

    return cast("View[P]", answered)


def shown_vehicle(request: MemberRequest, vehicle_id: UUID) -> Vehicle:
    """The vehicle, or a missing page."""
    vehicle = vehicle_for(request.member, vehicle_id)
    if vehicle is None:
        raise Http404
    return vehicle


def is_htmx(request: MemberRequest) -> bool:
    """Whether htmx asks for a part, not the browser for a page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request


def go_to(request: MemberRequest, url: str) -> HttpResponse:
    """To another page, however this one was asked for."""
    return HttpResponseClientRedirect(url) if is_htmx(request) else HttpResponseRedirect(url)
