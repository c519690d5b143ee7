"""The Celery application: every task of every app runs through it.

A task names its tenant with the keyword argument `group_id`; it then runs inside that group's scope. A task
without it runs with no scope at all, so that a query for a tenant's rows raises unless the task opens
`every_group()` on purpose, as the sweeps do.
"""

import os
from typing import Any

from celery import Celery, bootsteps, signals
from celery.contrib.django.task import DjangoTask
from django.db import connections

from core.connections import begins_after_silence
from dms.embedded import transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dms.settings")

transport.register()


class TenantTask(DjangoTask[Any, Any]):
    """The base class of every task: opens the scope of the group that the task was sent for."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task, inside `group_id`'s scope when it was given one."""
        from sites.scope import group_scope  # models must not load before Django is set up

        group_id: int | None = kwargs.get("group_id")
        if group_id is None:
            return super().__call__(*args, **kwargs)
        with group_scope(group_id):
            return super().__call__(*args, **kwargs)


app = Celery("dms", task_cls=TenantTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class RouterStep(bootsteps.StartStopStep):
    """Runs the router inside each worker that reads the queue `route`, and stops it with the worker."""

    def __init__(self, parent: Any, **_: Any) -> None:
        self.router: Any = None
        self.enabled = "route" in parent.app.amqp.queues.consume_from
        super().__init__(parent)

    def start(self, _parent: Any) -> None:
        from notifications.router import Router  # models must not load before Django is set up

        self.router = Router()
        self.router.start()

    def stop(self, _parent: Any) -> None:
        if self.router is not None:
            self.router.stop()


app.steps["worker"].add(RouterStep)


@signals.task_prerun.connect(weak=False)
def check_connections_after_silence(**_: Any) -> None:
    """Let a worker outlive a restart of the database: its connections persist, so a dead one must be noticed.

    A thread that worked a moment ago skips the question, which would cost every task a round trip.
    """
    was_silent = begins_after_silence()
    for connection in connections.all(initialized_only=True):
        if (was_silent or connection.errors_occurred) and not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # asks at the next use, closes what has failed
