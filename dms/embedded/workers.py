"""A real Celery worker and a real beat, in threads of this process."""

import logging
import threading
from typing import Any

from celery import Celery, signals
from celery.beat import Service
from celery.worker import WorkController, state

from dms.embedded.transport import bell

logger = logging.getLogger(__name__)

# Seconds until a worker that does not come up counts as broken.
START_TIMEOUT = 10.0

# Tasks that run at the same time. Two are enough to keep a slow provider from holding up the bell, and few
# enough to leave the interpreter lock to the requests.
CONCURRENCY = 2


class WorkerDidNotStartError(RuntimeError):
    """The embedded Celery worker was not ready in time; the log says why."""


class Worker(WorkController):
    """Celery's worker that says when it has begun to listen."""

    def __init__(self, **options: Any) -> None:
        self.listening = threading.Event()
        super().__init__(**options)

    def on_consumer_ready(self, consumer: object) -> None:
        """Celery's hook: the queues are being read from now on."""
        self.listening.set()


class EmbeddedWorkers:
    """Starts and stops the worker and beat with the web server around them."""

    def __init__(self, app: Celery[Any], *, concurrency: int = CONCURRENCY) -> None:
        app.finalize()
        app.set_default()
        # Celery must not replace the process's logging; a receiver of this signal is how it is told.
        signals.setup_logging.connect(_keep_logging, weak=False)
        self._worker = Worker(
            app=app,
            concurrency=concurrency,
            pool="threads",
            hostname="embedded@localhost",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            task_events=False,
        )
        self._thread = threading.Thread(target=self._run, name="celery-worker", daemon=True)
        self._beat = Service(app, scheduler_cls=app.conf.beat_scheduler)
        self._beat_thread = threading.Thread(target=self._beat.start, name="celery-beat", daemon=True)

    def start(self, *, timeout: float = START_TIMEOUT) -> None:
        """Return once the worker reads its queues and beat ticks.

        Raises:
            WorkerDidNotStartError: not within `timeout` seconds.
        """
        state.should_stop = state.should_terminate = None
        bell.open()
        self._thread.start()
        if not self._worker.listening.wait(timeout):
            raise WorkerDidNotStartError(f"the Celery worker did not listen within {timeout:.0f} s")
        self._beat_thread.start()

    def stop(self, *, timeout: float) -> bool:
        """Let running tasks end, for at most `timeout` seconds. False if something still runs then.

        Whatever is cut off keeps its row and its lease, and the next start's sweep takes it up.
        """
        self._beat.stop()  # its thread ends when it next wakes up; asleep, it does no harm
        state.should_stop = 0  # type: ignore[assignment]  # the loop ends at its next turn, with this exit code
        bell.close()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._worker.start()
        except SystemExit:
            return  # Celery's way of saying that it stopped as asked
        except Exception:
            logger.exception("The embedded Celery worker died")


def _keep_logging(**_: object) -> None:
    """Claim Celery's logging set-up and leave Django's as it is."""
