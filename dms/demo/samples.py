"""Files to try an import with, for signed-in people of the demo: one with faults, two without."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dms.demo.feeds.files import SAMPLES
from stock.models import Vehicle, VehicleStatus

_SOLD = (VehicleStatus.SOLD, VehicleStatus.DELIVERED)


@require_safe
@login_required
def samples(request: HttpRequest) -> HttpResponse:
    """The files to choose from."""
    if not settings.DEMO:
        raise Http404
    return render(request, "demo/samples.html", {"samples": SAMPLES.values()})


@require_safe
@login_required
def sample(request: HttpRequest, name: str) -> HttpResponse:
    """One of `SAMPLES`. The one with faults brings back two cars that the reader's group has sold."""
    found = SAMPLES.get(name)
    if found is None or not settings.DEMO or getattr(request, "member", None) is None:
        raise Http404
    sold = (
        Vehicle.objects.filter(status__in=_SOLD).order_by("-sold_at").values_list("stock_number", flat=True)
    )
    response = HttpResponse(found.write(list(sold[:2])), content_type=found.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response
