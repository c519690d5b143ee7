"""Domain signals: how a fact travels up the floors without the lower floor knowing who listens.

A signal carries one frozen dataclass of ids and plain values (a `Fact`). Receivers run in the sender's
transaction and their errors propagate: if a fact cannot be recorded, it did not happen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.dispatch import Signal


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """What every domain fact tells: in which group it happened, when (aware, UTC), where, and who did it."""

    group_id: int
    occurred_at: datetime
    site_id: int | None = None
    actor_id: int | None = None


F = TypeVar("F", bound=Fact)


class DomainSignal(Generic[F]):
    """A named, typed signal. The name is a past-tense verb: `lead_received`, `invoice_paid`."""

    def __init__(self, name: str, fact_type: type[F]) -> None:
        self.name = name
        self.fact_type = fact_type
        self._signal = Signal()

    def send(self, fact: F) -> None:
        """Tell every receiver, in this transaction; the first error propagates to the sender."""
        self._signal.send(sender=self.fact_type, fact=fact)

    def connect(self, receiver: Callable[[F], object], *, uid: str = "") -> Callable[[F], object]:
        """Have `receiver` called with each fact; usable as a decorator. Connecting twice counts once.

        `uid` tells apart receivers made from one function (closures, bound methods).
        """

        def adapter(*, fact: F, **_: Any) -> None:
            receiver(fact)

        name = uid or f"{receiver.__module__}.{receiver.__qualname__}"
        self._signal.connect(adapter, weak=False, dispatch_uid=name)
        return receiver

    @property
    def receivers(self) -> int:
        """How many are connected."""
        return len(self._signal.receivers)

    def __repr__(self) -> str:
        return f"<DomainSignal {self.name}>"
