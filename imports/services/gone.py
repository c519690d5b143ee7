"""What left a feed: a person decides whether it leaves here as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from imports import declarations, rows
from imports.access import check_sites, run_for
from imports.declarations import Importer, Setting
from imports.models import Gone, Run, RunState
from imports.services.runs import NotNow
from sites.access import Member

_AT_ONCE = 200


def decide_gone(
    *, run_id: UUID, gone_ids: Sequence[int] | None, remove: bool, by: Member, at: datetime
) -> int:
    """Let go what the feed no longer has, or keep it; None means all that is undecided. How many were decided.

    What somebody has sold or let go since is only marked as decided.

    Raises:
        RunNotFound, NotAllowed: not his run, or not all of its sites are his.
        NotNow: the run was undone, or a newer file of the feed is here or is being read; it says what is missing now.
    """
    run = run_for(by, run_id)
    check_sites(by, {site.pk for site in run.feed.sites.all()})
    newer = Run.objects.filter(feed=run.feed, pk__gt=run.pk, state__in=(RunState.DONE, RunState.RUNNING))
    if run.state != RunState.DONE or newer.exists():
        raise NotNow(run)
    undecided = Gone.objects.filter(run=run, decided_at__isnull=True).order_by("pk")
    if gone_ids is not None:
        undecided = undecided.filter(pk__in=gone_ids)
    decided = 0
    while True:
        with transaction.atomic():
            some = list(undecided.select_for_update()[:_AT_ONCE])
            if not some:
                return decided
            if remove:
                _let_go(run, some, by=by, at=at)
            Gone.objects.filter(pk__in=[gone.pk for gone in some]).update(
                decided_at=at, decided_by=by.user, was_removed=remove
            )
        decided += len(some)


def _let_go(run: Run, gone: Sequence[Gone], *, by: Member, at: datetime) -> None:
    importer: type[Importer] = declarations.get(run.feed.importer)
    column, values = importer.untouchable
    present = (
        importer.model.objects.select_for_update().filter(pk__in=[one.target for one in gone]).order_by("pk")
    )
    alive = present.exclude(**{f"{column}__in": values}) if column else present
    setting = Setting(run.feed, tuple(run.feed.sites.order_by("pk")), at)
    for row in alive:
        rows.change(importer, row, importer.withdrawal, at=at, by_id=by.user.pk, setting=setting)
    importer.changed(group_id=run.group_id, at=at, by_id=by.user.pk)
