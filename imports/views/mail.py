"""Where mails with files come in: posted by the mail provider, or by any mail server as they are.

200: taken, or put aside. 400: unreadable. 403: not signed. 413: too large. 503: it is to come again, because a run of
its feed is open or a part of it is still at the provider.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.clock import now
from gateways import mail_in
from gateways.events import NotSigned, Unreadable
from gateways.http import RefusedAddress, Unreachable
from imports.arrivals.mail import take_mail

# Seconds until a mail is worth bringing again: most runs have ended by then.
_RETRY_AFTER = 120


@csrf_exempt
@require_POST
def come_in(request: HttpRequest) -> HttpResponse:
    """Take each mail of the call. One that was taken in a call before makes no second run."""
    try:
        mails = mail_in.read(request, provider=settings.EMAIL_PROVIDER, secret=settings.EMAIL_WEBHOOK_SECRET)
    except NotSigned:
        return HttpResponse(status=403)
    except Unreadable:
        return HttpResponse(status=400)
    except mail_in.TooLarge:
        return HttpResponse(status=413)
    except (Unreachable, RefusedAddress):
        return _later()
    taken = [take_mail(mail.raw, recipients=mail.recipients, at=now()) for mail in mails]
    return _later() if any(one.comes_again for one in taken) else HttpResponse(status=200)


def _later() -> HttpResponse:
    return HttpResponse(status=503, headers={"Retry-After": str(_RETRY_AFTER)})
