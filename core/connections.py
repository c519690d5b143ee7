"""Whether a database connection that this thread keeps may be trusted without asking it first.

Connections persist, and the database may have been restarted since the last use. Asking costs a round trip, as
much as a quarter of what follows; after a moment's silence it is not worth it.
"""

import threading
import time

from django.db import connection

# Seconds without work after which a thread no longer trusts its connection.
SILENCE = 5.0

_thread = threading.local()


def begins_after_silence() -> bool:
    """Note that this thread begins a piece of work; whether its last one lies more than SILENCE back."""
    before, _thread.began_at = getattr(_thread, "began_at", None), time.monotonic()
    return before is None or _thread.began_at - before > SILENCE


def trust_recent_connection() -> None:
    """At the start of a request: spare Django's health check to a connection that served a moment ago."""
    if not begins_after_silence() and connection.connection is not None and not connection.errors_occurred:
        connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs leave it out
