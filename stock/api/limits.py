"""How often an outlet is fetched: enough for a portal that looks every half minute, not for a loop without a pause.

Counted in the shared cache. While it is away nobody is counted.
"""

from __future__ import annotations

from datetime import datetime

from core.counting import counted
from sites.api.problems import TOO_MANY_REQUESTS, Problem
from stock.models import Outlet

FETCHES = 30
PERIOD = 600  # seconds


def count_fetch(outlet: Outlet, *, at: datetime) -> None:
    """Count a fetch, changed or not. Raises `Problem` (429) when there were too many in this period."""
    period, elapsed = divmod(int(at.timestamp()), PERIOD)
    key = f"group:{outlet.group_id}:outlet:{outlet.pk}:fetches:{period}"
    if counted(key, seconds=PERIOD) > FETCHES:
        raise Problem(TOO_MANY_REQUESTS, headers={"Retry-After": str(PERIOD - elapsed)})
