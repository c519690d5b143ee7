"""Where providers call us. Signed or refused; stored raw, then answered; applied after that.

403: not signed. 400: signed and unreadable. 200: kept, whether or not we know the message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import clock
from gateways import sms_events
from gateways.events import NotSigned, ProviderEvent, Unreadable, storable
from notifications import receipts

# What tells one call from another when somebody asks a provider about it.
_HEADERS = ("Content-Type", "User-Agent", "I-Twilio-Idempotency-Token")


@csrf_exempt
@require_POST
def twilio_status(request: HttpRequest) -> HttpResponse:
    """Twilio says what became of a text."""

    def read() -> list[ProviderEvent]:
        return [sms_events.read_status(request.POST, url=_public(request), signature=_signature(request))]

    return _kept(request, read)


def _kept(request: HttpRequest, read: Callable[[], Iterable[ProviderEvent]]) -> HttpResponse:
    try:
        events = list(read())
    except NotSigned:
        return HttpResponse(status=403)
    except Unreadable:
        return HttpResponse(status=400)
    at = clock.now()
    receipts.apply(receipts.keep(events, headers=_headers(request), at=at), at=at)
    return HttpResponse(status=200)


def _public(request: HttpRequest) -> str:
    """The address as the provider knows it: it signs that one, not the one behind the proxy."""
    return settings.PUBLIC_URL.rstrip("/") + request.get_full_path()


def _signature(request: HttpRequest) -> str:
    return request.headers.get("X-Twilio-Signature", "")


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name: storable(request.headers[name], 200) for name in _HEADERS if name in request.headers}
