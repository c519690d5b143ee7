"""What left the feed: a person lets each go, or keeps it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.clock import now
from imports.declarations import RUN_IMPORT
from imports.models import Gone, Run
from imports.services import NotAllowed, NotNow, decide_gone
from imports.views.guards import run_or_404
from sites.http import MemberRequest, member_required

_PAGE = 50


class GoneTable:
    """The open ones of a run, a page of them, and how many were decided."""

    def __init__(self, request: MemberRequest, run: Run) -> None:
        after = request.GET.get("gone", "")
        open_ones = Gone.objects.filter(run=run, decided_at__isnull=True)
        rows = open_ones.filter(pk__gt=int(after)) if _is_number(after) else open_ones
        found = list(rows.order_by("pk")[: _PAGE + 1])
        self.rows = found[:_PAGE]
        self.next_after = found[_PAGE - 1].pk if len(found) > _PAGE else None
        self.open = open_ones.count()
        self.removed = Gone.objects.filter(run=run, was_removed=True).count()
        self.kept = Gone.objects.filter(run=run, was_removed=False).count()


@require_POST
@member_required(RUN_IMPORT)
def decide(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Remove or keep the ticked ones; `all=1` speaks of every open one."""
    run = run_or_404(request.member, run_id)
    remove = request.POST.get("verdict") == "remove"
    everything = request.POST.get("all") == "1"
    ticked = [int(pk) for pk in request.POST.getlist("gone") if _is_number(pk)]
    if not everything and not ticked:
        messages.info(request, _("Tick the vehicles that you mean first."))
        return redirect(f"{reverse('imports:run', args=[run.pk])}#gone")
    try:
        count = decide_gone(
            run_id=run.pk, gone_ids=None if everything else ticked, remove=remove, by=request.member, at=now()
        )
    except NotAllowed:
        raise PermissionDenied from None
    except NotNow:
        messages.info(request, _("It is no longer in a state for that: here is how it stands."))
    else:
        messages.success(request, _removed(count) if remove else _kept(count))
    return redirect(f"{reverse('imports:run', args=[run.pk])}#gone")


def _removed(count: int) -> str:
    return ngettext("%(n)d taken out of the stock.", "%(n)d taken out of the stock.", count) % {"n": count}


def _kept(count: int) -> str:
    return ngettext("%(n)d stays in stock.", "%(n)d stay in stock.", count) % {"n": count}


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19
