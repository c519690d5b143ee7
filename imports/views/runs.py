"""One file on its way into the product: live progress, what became of its rows, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from imports import selectors, sentences
from imports.declarations import RUN_IMPORT
from imports.models import Run, RunState, RunStep, Step
from imports.selectors import Progress
from imports.services import NotAllowed, NotNow, RunIsOpen, cancel_run, go_on_with_run, undo_run
from imports.views import faults, gone
from imports.views.answers import address_of, is_htmx
from imports.views.guards import may_act, run_or_404
from imports.views.shares import Shares, shares_of
from sites.http import MemberRequest, member_required

# Aloud a screen reader hears every tenth part of the way, not every second.
_ALOUD = 10

# State -> how its chip looks, and its icon.
_LOOKS = {
    RunState.WAITING: ("info", "hourglass-split"),
    RunState.RUNNING: ("info", "arrow-repeat"),
    RunState.STOPPED: ("signal", "exclamation-triangle"),
    RunState.DONE: ("good", "check2"),
    RunState.FAILED: ("bad", "exclamation-octagon"),
    RunState.CANCELLED: ("", "x-lg"),
    RunState.UNDONE: ("", "arrow-counterclockwise"),
}


@dataclass(frozen=True)
class RunLine:
    """A run as lists and its own page show it."""

    run: Run
    shares: Shares
    look: str
    icon: str

    @property
    def is_moving(self) -> bool:
        return self.run.state in (RunState.WAITING, RunState.RUNNING)

    @property
    def is_stopped(self) -> bool:
        return self.run.state == RunState.STOPPED

    @property
    def has_failed(self) -> bool:
        return self.run.state == RunState.FAILED

    @property
    def is_undone(self) -> bool:
        return self.run.state == RunState.UNDONE

    @property
    def can_be_undone(self) -> bool:
        """Whether it wrote anything that could be taken back."""
        ended = self.run.state in (RunState.DONE, RunState.CANCELLED)
        return ended and bool(self.run.created or self.run.updated)

    @property
    def can_be_fixed(self) -> bool:
        return self.run.state in (RunState.DONE, RunState.CANCELLED)

    @property
    def changed_nothing(self) -> bool:
        """The same file again, most often."""
        run = self.run
        return run.state == RunState.DONE and run.total > 0 and run.unchanged == run.total

    @property
    def is_undoing(self) -> bool:
        return self.is_moving and self.run.step == Step.UNDOING

    @property
    def can_be_cancelled(self) -> bool:
        return self.is_moving and not self.is_cancelling and not self.is_undoing

    @property
    def is_cancelling(self) -> bool:
        return self.is_moving and self.run.cancel_asked_at is not None

    @property
    def trouble(self) -> str:
        """Why it stopped or failed."""
        told = self.run.trouble
        return sentences.of(told["code"], told.get("values", {})) if told else ""


@dataclass(frozen=True)
class Live:
    """The moving part of a run's page, as it is now."""

    line: RunLine
    progress: Progress
    steps: list[tuple[RunStep, str]]

    @property
    def percent(self) -> int:
        return int(self.progress.share * 100)

    @property
    def rate(self) -> int:
        """Rows a second."""
        return round(self.progress.rows_per_second or 0)

    @property
    def seconds_left(self) -> int | None:
        left = self.progress.seconds_left
        return None if left is None else round(left)

    @property
    def aloud(self) -> int:
        return self.percent // _ALOUD * _ALOUD

    @property
    def version(self) -> str:
        run = self.line.run
        moving = (run.state, run.step, run.read, run.written, run.total, bool(run.cancel_asked_at))
        return "-".join(map(str, (*moving, len(self.steps))))


def line_of(run: Run) -> RunLine:
    """The run with its counts."""
    look, icon = _LOOKS[RunState(run.state)]
    return RunLine(run, shares_of(run), look, icon)


@require_safe
@member_required(RUN_IMPORT)
def run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """One run. `?row=` opens a row whole, `?kind=` and `?after=` choose among the faults."""
    return shown(request, run_or_404(request.member, run_id))


def shown(request: MemberRequest, found: Run, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a run."""
    return render(request, "imports/run.html", {**_context(request, found), **more}, status=status)


@require_safe
@member_required(RUN_IMPORT)
def live(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """The moving part, read every second; nothing (204) while it stands still, and the whole page's part at the end."""
    found = run_or_404(request.member, run_id)
    if not is_htmx(request):
        return redirect("imports:run", found.pk)
    moving = live_of(found)
    if moving.line.is_moving:
        if request.GET.get("shown") == moving.version:
            return HttpResponse(status=204)
        return render(request, "imports/_live.html", {"live": moving, "line": moving.line, "run": found})
    answer = render(request, "imports/_run.html", _context(request, found))
    answer["HX-Retarget"] = "#run"
    answer["HX-Reswap"] = "innerHTML"
    return answer


@require_POST
@member_required(RUN_IMPORT)
def cancel(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Stop it; what is written already stays, and can be undone."""
    return _decide(
        request, run_id, cancel_run, _("The import stops. What it has written stays until you undo it.")
    )


@require_POST
@member_required(RUN_IMPORT)
def go_on(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """So much may vanish: somebody has looked."""
    return _decide(request, run_id, go_on_with_run, _("The import goes on."))


@require_POST
@member_required(RUN_IMPORT)
def undo(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Take back what it wrote."""
    return _decide(request, run_id, undo_run, _("The import is being undone."))


def live_of(found: Run) -> Live:
    """What moves on the page of this run."""
    return Live(line_of(found), selectors.progress_of(found, now()), list(selectors.steps_of(found)))


def _context(request: MemberRequest, found: Run) -> dict[str, Any]:
    moving = live_of(found)
    return {
        "run": found,
        "feed": found.feed,
        "live": moving,
        "line": moving.line,
        "may_act": may_act(request.member, found.feed),
        "faults": faults.FaultTable(request, found) if moving.line.can_be_fixed else None,
        "gone": gone.GoneTable(request, found) if found.vanished and not moving.line.is_moving else None,
    }


def _decide(request: MemberRequest, run_id: UUID, deed: Callable[..., Run], done: str) -> HttpResponse:
    found = run_or_404(request.member, run_id)
    try:
        deed(run_id=found.pk, by=request.member, at=now())
    except NotAllowed:
        raise PermissionDenied from None
    except NotNow:
        messages.info(request, _("It is no longer in a state for that: here is how it stands."))
    except RunIsOpen as other:
        messages.info(request, _("A file of this feed is on its way: wait for its end, then undo this one."))
        return redirect(address_of(other, found.feed))
    else:
        messages.success(request, done)
    return redirect(reverse("imports:run", args=[found.pk]))
