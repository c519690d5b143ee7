"""Real Celery workers and a real beat, in threads of this process."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from celery import Celery, signals
from celery.beat import Service
from celery.worker import WorkController, state

from dms.embedded.transport import bell

logger = logging.getLogger(__name__)

# Seconds until a worker that does not come up counts as broken.
START_TIMEOUT = 10.0


@dataclass(frozen=True)
class Crew:
    """Threads that read these queues and no others; no queues means the application's default."""

    queues: tuple[str, ...]
    threads: int


# One crew for the bell and one a channel, as in production: a provider that does not answer keeps its own thread
# waiting, and neither the bell nor another channel. Few threads, to leave the interpreter lock to the requests.
# An import takes minutes: it has a thread of its own as well.
CREWS = (
    Crew(("route", "default"), 2),
    Crew(("push",), 1),
    Crew(("email",), 1),
    Crew(("sms",), 1),
    Crew(("imports",), 1),
)


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
    """Starts and stops the workers and beat with the web server around them."""

    def __init__(self, app: Celery[Any], *, crews: Sequence[Crew] = (Crew((), 2),)) -> None:
        app.finalize()
        app.set_default()
        # Celery must not replace the process's logging; a receiver of this signal is how it is told.
        signals.setup_logging.connect(_keep_logging, weak=False)
        self._app, self._crews = app, crews
        self._threads: list[threading.Thread] = []
        self._beat = Service(app, scheduler_cls=app.conf.beat_scheduler)
        self._beat_thread = threading.Thread(target=self._beat.start, name="celery-beat", daemon=True)

    def start(self, *, timeout: float = START_TIMEOUT) -> None:
        """Return once every crew reads its queues and beat ticks.

        Raises:
            WorkerDidNotStartError: not within `timeout` seconds.
        """
        state.should_stop = state.should_terminate = None
        bell.open()
        for crew in self._crews:
            self._start(crew, timeout)
        self._beat_thread.start()

    def stop(self, *, timeout: float) -> bool:
        """Let running tasks end, for at most `timeout` seconds. False if something still runs then.

        Whatever is cut off keeps its row and its lease, and the next start's sweep takes it up.
        """
        self._beat.stop()  # its thread ends when it next wakes up; asleep, it does no harm
        state.should_stop = 0  # type: ignore[assignment]  # the loop ends at its next turn, with this exit code
        bell.close()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _start(self, crew: Crew, timeout: float) -> None:
        # One after the other: Celery keeps in the application which queues the worker that starts is to read.
        name = f"{crew.queues[0] if crew.queues else 'embedded'}@localhost"
        worker = Worker(
            app=self._app,
            queues=list(crew.queues) or None,
            concurrency=crew.threads,
            pool="threads",
            hostname=name,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            task_events=False,
        )
        thread = threading.Thread(target=self._run, args=(worker,), name=f"celery {name}", daemon=True)
        self._threads.append(thread)
        thread.start()
        if not worker.listening.wait(timeout):
            raise WorkerDidNotStartError(f"{name} did not listen within {timeout:.0f} s")

    @staticmethod
    def _run(worker: Worker) -> None:
        try:
            worker.start()
        except SystemExit:
            return  # Celery's way of saying that it stopped as asked
        except Exception:
            logger.exception("The embedded Celery worker died")


def _keep_logging(**_: object) -> None:
    """Claim Celery's logging set-up and leave Django's as it is."""
