"""What people do with feeds and runs."""

from imports.access import FeedNotFound, NotAllowed, RunNotFound
from imports.running.fixing import Fixed
from imports.services.faults import fix_rows
from imports.services.feeds import BadFeed, change_feed, create_feed, learn_value
from imports.services.gone import decide_gone
from imports.services.runs import (
    NotNow,
    RunIsOpen,
    cancel_run,
    fetch_now,
    go_on_with_run,
    inspect_file,
    start_run,
    undo_run,
)

__all__ = [
    "BadFeed",
    "FeedNotFound",
    "Fixed",
    "NotAllowed",
    "NotNow",
    "RunIsOpen",
    "RunNotFound",
    "cancel_run",
    "change_feed",
    "create_feed",
    "decide_gone",
    "fetch_now",
    "fix_rows",
    "go_on_with_run",
    "inspect_file",
    "learn_value",
    "start_run",
    "undo_run",
]
