"""Where `List-Unsubscribe` leads: a page with one button, and a POST that works signed out (RFC 8058).

Mail scanners follow links: looking changes nothing. The POST carries no cookie and no CSRF token, only its ticket.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications import unsubscribing
from notifications.unsubscribing import BadTicket, Ticket
from sites.scope import group_scope


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, end these emails, or take that back."""
    try:
        ticket = unsubscribing.ticket_of(token)
        with group_scope(ticket.member.group_id), translation.override(ticket.member.user.language):
            state, undo = _done(request, ticket) if request.method == "POST" else ("asked", "")
            context = {"ticket": ticket, "state": state, "undo": undo}
            return render(request, "notifications/unsubscribe.html", context)
    except BadTicket:
        raise Http404 from None


def _done(request: HttpRequest, ticket: Ticket) -> tuple[str, str]:
    """What the page says now, and what takes it back."""
    if "undo" in request.POST:
        unsubscribing.take_back(ticket=ticket, undo=request.POST["undo"])
        return "taken_back", ""
    return "ended", unsubscribing.unsubscribe(ticket=ticket)
