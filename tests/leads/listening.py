"""Hearing what a service states, without the engine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.signals import DomainSignal


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
