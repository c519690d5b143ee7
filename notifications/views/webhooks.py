"""Where providers call us. Signed or refused; stored raw, then answered; applied after that.

403: not signed. 400: signed and unreadable. 200: kept, whether or not we know the message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from gateways import mail_events, sms_events
from gateways.events import Meaning, NotSigned, ProviderEvent, Unreadable, storable
from notifications import addresses, receipts

# Mandrill asks by HEAD whether an address answers before it takes it for a webhook.
_require_post_or_head = require_http_methods(["POST", "HEAD"])

_XML = '<?xml version="1.0" encoding="UTF-8"?>'
# What tells one call from another when somebody asks a provider about it.
_HEADERS = ("Content-Type", "User-Agent", "I-Twilio-Idempotency-Token")


@csrf_exempt
@require_POST
def twilio_status(request: HttpRequest) -> HttpResponse:
    """Twilio says what became of a text."""

    def read() -> list[ProviderEvent]:
        return [sms_events.read_status(request.POST, url=_public(request), signature=_signature(request))]

    return _kept(request, read)


@csrf_exempt
@require_POST
def twilio_answer(request: HttpRequest) -> HttpResponse:
    """Somebody texted to our number. STOP and START are obeyed; other words are kept, and nobody is bothered."""

    def read() -> list[ProviderEvent]:
        return [sms_events.read_answer(request.POST, url=_public(request), signature=_signature(request))]

    answer = _kept(request, read)
    if answer.status_code != 200:
        return answer
    words = "" if sms_events.is_confirmed_by_twilio(request.POST) else _words_for(request.POST)
    message = f"<Message>{escape(words)}</Message>" if words else ""
    return HttpResponse(f"{_XML}<Response>{message}</Response>", content_type="text/xml")


@csrf_exempt
@_require_post_or_head
def mail(request: HttpRequest) -> HttpResponse:
    """The mail provider says what became of an email."""
    return _mail_of(request, settings.EMAIL_PROVIDER)


@csrf_exempt
@_require_post_or_head
def second_mail(request: HttpRequest) -> HttpResponse:
    """The second mail provider, at an address of its own: their formats do not tell them apart."""
    return _mail_of(request, settings.EMAIL_SECOND_PROVIDER)


def _mail_of(request: HttpRequest, provider: str) -> HttpResponse:
    if request.method == "HEAD":
        return HttpResponse()
    return _kept(request, lambda: mail_events.read(request, provider))


def _words_for(form: QueryDict) -> str:
    """What we text back, in the person's language; nothing to words that ask for nothing."""
    meaning = sms_events.meaning_of_words(form.get("Body", ""))
    with translation.override(addresses.language_at(form.get("From", "")) or settings.LANGUAGE_CODE):
        if meaning == Meaning.SAID_STOP:
            return _("You get no more text messages from us. Answer START to get them again.")
        if meaning == Meaning.SAID_START:
            return _("You get our text messages again. Answer STOP to end them.")
    return ""


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
