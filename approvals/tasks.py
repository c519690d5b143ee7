"""The engine's sweep: a column says when, a periodic task looks."""

from celery import shared_task

from approvals.services import expire_overdue, groups_with_work, remind_overdue
from core.clock import now
from sites.scope import every_group, group_scope


@shared_task(name="approvals.sweep")
def sweep() -> None:
    """Remind and expire what is due, group by group."""
    at = now()
    with every_group():
        groups = groups_with_work(at=at)
    for group_id in groups:
        with group_scope(group_id):
            expire_overdue(at=at)
            remind_overdue(at=at)
