"""Rows in error that somebody has corrected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from imports.access import check_sites, run_for
from imports.models import RunState
from imports.running.fixing import Fixed, fix
from imports.services.runs import NotNow
from sites.access import Member


def fix_rows(*, run_id: UUID, cells: Mapping[int, Mapping[str, str]], by: Member, at: datetime) -> Fixed:
    """Take rows in error once more: number of the row → column → text as it should be.

    What is still wrong stays in error with its new problems. Raises `RunNotFound`, `NotAllowed`, `NotNow`, `Refused`.
    """
    run = run_for(by, run_id)
    check_sites(by, {site.pk for site in run.feed.sites.all()})
    if run.state not in (RunState.DONE, RunState.CANCELLED):
        raise NotNow(run)
    return fix(run, cells, by_id=by.user.pk, at=at)
