"""The apps' own side of the ledger: « for each of these there is an event ».

An app says so in its `ledger.py`, and the engine, which knows no lead, finds an accepted lead that left no event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules

from notifications.declarations import Notice, Text
from notifications.models import EventKind

Stated = Callable[[datetime, datetime], Iterable[str]]
"""(since, until) → the dedupe key of the event that each thing of this time must have, in the scope's group"""


@dataclass(frozen=True)
class Statement:
    """What an app holds: `name` for people, and the keys under which `notice` must have recorded an event.

    `kind` is CLOSING for what ends the notice. `url` leads from a key to what it names; empty when nothing does.
    """

    name: Text
    notice: type[Notice[Any]]
    stated: Stated
    kind: EventKind = EventKind.NOTICE
    url: Callable[[str], str] = lambda _key: ""

    @property
    def key(self) -> str:
        """Names the statement in a stored ledger: `leads.received`, or `leads.received closing`."""
        return self.notice.key if self.kind == EventKind.NOTICE else f"{self.notice.key} {self.kind.value}"


_statements: dict[str, Statement] = {}


def state(statement: Statement) -> None:
    """Called by an app's `ledger.py`. A doubled one stops the start."""
    if statement.key in _statements:
        raise ImproperlyConfigured(f"Two ledgers speak for {statement.key!r}")
    _statements[statement.key] = statement


def discover() -> None:
    """Import every app's `ledger`."""
    autodiscover_modules("ledger")


def all_statements() -> list[Statement]:
    """In the order of their keys."""
    return [_statements[key] for key in sorted(_statements)]


def find(key: str) -> Statement | None:
    """The statement of a stored ledger; None when no app makes it any more."""
    return _statements.get(key)
