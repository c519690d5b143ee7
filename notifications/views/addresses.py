"""An address that is off is tried again: by the person himself, or by who looks after the outbox."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import clock
from notifications import addresses
from notifications.addresses import UnknownBlock
from sites.http import MemberRequest, member_required


@require_POST
@member_required()
def lift(request: MemberRequest, block_id: int) -> HttpResponse:
    """The next message leaves for it again; if it bounces again, it is off again."""
    try:
        block = addresses.lift(member=request.member, block_id=block_id, at=clock.now())
    except UnknownBlock:
        raise Http404 from None
    messages.success(
        request, _("%(address)s is used again from the next message on.") % {"address": block.address}
    )
    return redirect(
        request.POST["next"] if request.POST.get("next") in _PAGES else "notifications:preferences"
    )


# Where the button stands.
_PAGES = frozenset({"notifications:preferences", "notifications:undelivered"})
