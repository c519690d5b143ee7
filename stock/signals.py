"""Facts that the stock app states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.signals import DomainSignal, Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class VehicleFact(Fact):
    """What is told of one vehicle. `price` is cents of `currency`, None without one."""

    vehicle_id: UUID
    vehicle: str
    site_name: str
    price: int | None = None
    currency: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StockChanged(Fact):
    """Vehicles came, left or changed: by a person, or thousands at once by an import. Says only where to look.

    `vehicle_ids` names them when they are few; empty means « whatever was updated since you looked ».
    """

    vehicle_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class VehiclesErased(Fact):
    """These are about to go for good (a run is undone, a slip removed): nothing that was told of them leads anywhere.

    Told in the transaction that erases them, while their rows still stand.
    """

    vehicle_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferFact(VehicleFact):
    """What is told of a transfer; `site_name` is where the vehicle stands. `asker_id` is None when nobody asked."""

    transfer_id: UUID
    from_name: str
    to_name: str
    asker_id: int | None = None
    asker_name: str = ""
    reason: str = ""
    customer_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferAsked(TransferFact):
    """Somebody wants the vehicle on his site; `site_id` is where it stands: there it is decided."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferSettled(TransferFact):
    """How a question or a journey ended: `outcome` is one of `stock.transfer_words.Outcome`, by `by_name`."""

    outcome: str
    by_name: str = ""
    answer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferAnswered(TransferSettled):
    """Whoever asked has his answer, or the question has no purpose any more; `site_id` as in the question."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferStarted(TransferFact):
    """The vehicle has left; `site_id` is the site that receives it."""

    by_name: str
    expected_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferEnded(TransferSettled):
    """An accepted transfer arrived, or came to nothing; `site_id` is the side that did not do it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmentFellShort(Fact):
    """A site has fewer than `least` vehicles of a segment; it is well again from `enough` on.

    `spell` counts how often that happened. `sold` is what sold lately, the best first: (« Renault Clio », 4).
    """

    threshold_id: int
    spell: int
    segment: str
    kind: str
    site_name: str
    site_slug: str
    count: int
    least: int
    enough: int
    sold: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmentWellAgain(Fact):
    """The site has enough again."""

    threshold_id: int
    spell: int
    segment: str
    kind: str
    site_name: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class VehiclesAged(Fact):
    """On the morning of `day`, `count` vehicles of a site have passed an age limit.

    `lines` are the oldest of them, each with its days.
    """

    day: date
    site_name: str
    site_slug: str
    count: int
    lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class VehicleAged(VehicleFact):
    """One vehicle has passed the last limit, of `limit` days: it is `days` old."""

    days: int
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AgedVehicleDealtWith(VehicleFact):
    """Something was done with it: `deed` is one of `stock.ageing.Deed`."""

    limit: int
    deed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchesFound(Fact):
    """On the morning of `day`: `count` vehicles that fit `searches` of a salesperson's wanted cars.

    `lines` says which vehicle for which customer, at most three; `vehicle_id` is set when it is only one.
    """

    day: date
    salesperson_id: int
    count: int
    searches: int
    lines: tuple[tuple[str, str], ...] = ()
    vehicle_id: UUID | None = None


stock_changed = DomainSignal("stock_changed", StockChanged)
vehicles_erased = DomainSignal("vehicles_erased", VehiclesErased)
transfer_asked = DomainSignal("transfer_asked", TransferAsked)
transfer_answered = DomainSignal("transfer_answered", TransferAnswered)
transfer_started = DomainSignal("transfer_started", TransferStarted)
transfer_ended = DomainSignal("transfer_ended", TransferEnded)
segment_fell_short = DomainSignal("segment_fell_short", SegmentFellShort)
segment_well_again = DomainSignal("segment_well_again", SegmentWellAgain)
vehicles_aged = DomainSignal("vehicles_aged", VehiclesAged)
vehicle_aged = DomainSignal("vehicle_aged", VehicleAged)
aged_vehicle_dealt_with = DomainSignal("aged_vehicle_dealt_with", AgedVehicleDealtWith)
matches_found = DomainSignal("matches_found", MatchesFound)
