"""The clock of the periodic tasks: keeps nothing on disk, and starts by ringing everything once.

All business time is a column, so the only periodic tasks are sweeps that look for rows which are due. Nothing
is lost by forgetting when they last ran, and running them at once after a start takes up what a crash left.
"""

from datetime import timedelta
from typing import Any

from celery.beat import Scheduler

from core import clock
from dms import heartbeat


class SweepScheduler(Scheduler):
    """Celery's in-memory scheduler with every entry due at the start, and a heartbeat in every tick."""

    def setup_schedule(self) -> None:
        """Take the schedule from the settings and make all of it due now."""
        self.merge_inplace(self.app.conf.beat_schedule)
        long_ago = clock.now() - timedelta(days=1)
        for entry in self.schedule.values():
            entry.last_run_at = long_ago

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; return the seconds until the next look."""
        heartbeat.record("beat")
        delay: float = super().tick(*args, **kwargs)
        return delay
