"""How often one visitor may post through one website, and how much one source takes altogether.

Counted in the shared cache. While it is away visitors are not counted, and sources by each process for itself.
"""

from __future__ import annotations

from datetime import datetime
from threading import Lock

from django.conf import settings
from django.http import HttpRequest

from core.counting import counted
from leads.models import LeadSource
from sites.adapters import client_ip
from sites.api.problems import TOO_MANY_REQUESTS, Problem

# A showroom's tablet and its visitors share an address, so this is far above one careful person.
POSTS = 20
PERIOD = 60  # seconds

# Posts of a source between two looks at the shared count, so that 49 of 50 cost no round trip. Each process that
# receives overruns the cap by as many at most.
STEP = 50


def count_for_visitor(request: HttpRequest, source: LeadSource) -> None:
    """Count a post from a browser. Raises `Problem` (429) when there were too many in this period."""
    key = f"group:{source.group_id}:source:{source.pk}:posts:{client_ip(request)}"
    if counted(key, seconds=PERIOD) > POSTS:
        raise Problem(TOO_MANY_REQUESTS, headers={"Retry-After": str(PERIOD)})


def count_for_source(source: LeadSource, *, at: datetime) -> None:
    """Count any post. Raises `Problem` (429) when the source took `INTAKE_POSTS` in this `INTAKE_PERIOD`."""
    period, elapsed = divmod(int(at.timestamp()), settings.INTAKE_PERIOD)
    if _tally.is_over(source, period):
        raise Problem(TOO_MANY_REQUESTS, headers={"Retry-After": str(settings.INTAKE_PERIOD - elapsed)})


class Tally:
    """The posts of each source in the current period: counted here one by one, in the shared cache by the STEP.

    Once a source is over its cap, refusing it costs neither a question to the cache nor one to the database.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._period = 0
        self._posts: dict[int, int] = {}
        self._full: set[int] = set()

    def is_over(self, source: LeadSource, period: int) -> bool:
        """Count one post more; whether it is one too many."""
        posts = self._count(source.pk, period)
        if posts > settings.INTAKE_POSTS or source.pk in self._full:
            return True
        if posts % STEP == 0:
            key = f"group:{source.group_id}:source:{source.pk}:intake:{period}"
            if counted(key, seconds=settings.INTAKE_PERIOD, by=STEP) > settings.INTAKE_POSTS:
                self._full.add(source.pk)
        return False

    def _count(self, source_id: int, period: int) -> int:
        with self._lock:
            if period != self._period:
                self._period = period
                self._posts.clear()
                self._full.clear()
            self._posts[source_id] = posts = self._posts.get(source_id, 0) + 1
        return posts


_tally = Tally()
