"""The engine's tables: feeds, their runs, and what each run says of its rows."""

from imports.models.feeds import DayOrder, Feed, Priority, Way
from imports.models.runs import ACTIVE, Fault, Gone, Run, RunState, RunStep, Step
from imports.models.targets import Imported, RowChange

__all__ = [
    "ACTIVE",
    "DayOrder",
    "Fault",
    "Feed",
    "Gone",
    "Imported",
    "Priority",
    "RowChange",
    "Run",
    "RunState",
    "RunStep",
    "Step",
    "Way",
]
