"""Hearing what a service states: as a receiver of its own, or by what the engine recorded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from core.signals import DomainSignal
from notifications import registry
from notifications.models import Event, EventKind


@contextmanager
def heard(signal: DomainSignal[Any], then: Callable[[Any], None] | None = None) -> Iterator[list[Any]]:
    """The facts that `signal` carries during the block; `then` is called with each, too."""
    facts: list[Any] = []

    def listener(*, fact: Any, **_: Any) -> None:
        facts.append(fact)
        if then is not None:
            then(fact)

    signal._signal.connect(listener, weak=False)
    try:
        yield facts
    finally:
        signal._signal.disconnect(listener)


@contextmanager
def recorded(signal: DomainSignal[Any]) -> Iterator[list[Any]]:
    """The facts of `signal` that were recorded in the block, whichever way; to be read after it.

    Unlike `heard` it is no receiver, which would keep the fact from being recorded by its own statement.
    """
    before = set(Event.objects.values_list("pk", flat=True))
    facts: list[Any] = []
    yield facts
    (notice,) = (
        notice for notice in registry.all_notices() if notice.signal is signal and not notice.follows
    )
    events = Event.objects.filter(type_key=notice.key, kind=EventKind.NOTICE).exclude(pk__in=before)
    facts += [
        msgspec.convert(event.payload, signal.fact_type, strict=False) for event in events.order_by("pk")
    ]
