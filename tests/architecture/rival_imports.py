"""The rival's imports: a feed with a run that has an error, and something that left the feed."""

from __future__ import annotations

from uuid import uuid4

from imports.models import Fault, Feed, Gone, Run, RunState
from sites.models import Site
from tests.cast import MONDAY


def import_run(site: Site, mark: str) -> Run:
    """Done, so that its faults may be corrected and the whole may be undone."""
    group_id = site.group_id
    feed = Feed.objects.create(
        group_id=group_id, name=mark, importer="stock.vehicles", mapping={mark: "price"}
    )
    feed.sites.add(site)
    run = Run.objects.create(
        group_id=group_id,
        feed=feed,
        state=RunState.DONE,
        file_name=f"{mark}.csv",
        created_at=MONDAY,
        total=2,
        created=1,
        failed=1,
        vanished=1,
    )
    problem = {"code": "not_money", "column": mark, "field": "price", "value": mark, "values": {}}
    Fault.objects.create(group_id=group_id, run=run, number=2, cells={mark: mark}, problems=[problem])
    Gone.objects.create(group_id=group_id, run=run, key=mark, target=uuid4(), label=mark)
    return run
