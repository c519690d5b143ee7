"""Celery's worker and beat in threads of this process."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery
from kombu import Exchange, Queue

from dms.embedded import transport
from dms.embedded.workers import CREWS, Crew, EmbeddedWorkers


@pytest.fixture
def app() -> Iterator[Celery[Any]]:
    """An application of its own, without Django and without its schedule."""
    transport.register()
    app: Celery[Any] = Celery("embedded-test", broker=transport.URL, fixups=[], set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_default_queue="embedded-test",
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        beat_scheduler="celery.beat:Scheduler",
        beat_max_loop_interval=0.05,
        beat_schedule={"tick": {"task": "tick", "schedule": 0.05}},
    )
    yield app
    from dms.celery import app as product

    product.set_default()


def declare(app: Celery[Any], name: str, deed: Callable[[], None]) -> None:
    """Make `deed` a task of this application, and of no other."""
    app.task(name=name, shared=False)(deed)


def noting(event: threading.Event) -> Callable[[], None]:
    def note() -> None:
        event.set()

    return note


def test_tasks_run_beat_ticks_and_all_stops_at_once(app: Celery[Any]) -> None:
    ran, ticked = threading.Event(), threading.Event()
    declare(app, "run", noting(ran))
    declare(app, "tick", noting(ticked))
    workers = EmbeddedWorkers(app)

    workers.start()
    app.send_task("run")
    task_ran, beat_ticked = ran.wait(5), ticked.wait(5)
    started = time.monotonic()
    stopped = workers.stop(timeout=2)
    seconds = time.monotonic() - started

    assert task_ran
    assert beat_ticked
    assert stopped
    assert seconds < 1


def test_a_task_that_does_not_end_cannot_hold_up_the_stop(app: Celery[Any]) -> None:
    begun, release = threading.Event(), threading.Event()

    def dawdle() -> None:
        begun.set()
        release.wait(10)

    declare(app, "dawdle", dawdle)
    declare(app, "tick", noting(threading.Event()))
    workers = EmbeddedWorkers(app)
    workers.start()
    app.send_task("dawdle")
    begun.wait(5)

    started = time.monotonic()
    stopped = workers.stop(timeout=0.3)
    seconds = time.monotonic() - started
    release.set()

    assert not stopped
    assert seconds < 1


def test_a_provider_that_does_not_answer_keeps_nobody_elses_tasks_waiting(app: Celery[Any]) -> None:
    ran, release = threading.Event(), threading.Event()

    def hang() -> None:
        release.wait(10)

    declare(app, "hang", hang)
    declare(app, "run", noting(ran))
    declare(app, "tick", noting(threading.Event()))
    app.conf.task_queues = [Queue(name, Exchange("crews"), routing_key=name) for name in ("slow", "bell")]
    app.conf.task_default_queue = "bell"
    workers = EmbeddedWorkers(app, crews=[Crew(("bell",), 1), Crew(("slow",), 1)])
    workers.start()

    for _ in range(20):
        app.send_task("hang", queue="slow")
    app.send_task("run", queue="bell")
    task_ran = ran.wait(5)
    release.set()
    workers.stop(timeout=2)

    assert task_ran


def test_every_queue_has_its_crew_and_the_bell_shares_with_no_provider(settings: Any) -> None:
    queues = [queue for crew in CREWS for queue in crew.queues]

    assert sorted(queues) == sorted(settings.QUEUES)
    assert [set(crew.queues) for crew in CREWS if "route" in crew.queues] == [{"route", "default"}]
