"""Which cars stand where, since when, at what price, and what became of them.

Pure: the same group, seed and day give the same stock. Nothing here touches the database.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from dms.demo.cast import GroupCast, SiteCast
from dms.demo.stock import words
from dms.demo.stock.catalogue import Model, Version, models_of
from dms.demo.stock.identity import french_plate, vin
from stock.models import Kind, Segment, VatScheme, VehicleStatus

_S = VehicleStatus

# Of a hundred cars of a dealer: what they are, and how many were sold in the last two months or are still to come.
_KINDS = {Kind.USED: 74, Kind.NEW: 20, Kind.DEMO: 6}
_SOLD, _COMING = 0.27, 0.06
_SOLD_WITHIN = 60  # days

# How long a car in the yard has been there: parts of them, and days.
_AGES = ((46, (1, 30)), (28, (31, 60)), (15, (61, 89)), (11, (91, 168)))

# What a car is worth of its list price in its first year, and what is left of that each year after.
_FIRST_YEAR, _EACH_YEAR = 0.83, 0.885
_KM_A_YEAR = {Segment.CITY: 9_500, Segment.VAN: 24_000, Segment.SALOON: 19_000, Segment.ESTATE: 20_000}
_USUAL_KM = 14_500

# How often a segment is stocked, and how many of a hundred cars lack a price or a photo.
_WEIGHTS = {
    Segment.CITY: 22, Segment.SUV: 20, Segment.COMPACT: 13, Segment.PICKUP: 8, Segment.COUPE: 3, Segment.CABRIOLET: 4,
}  # fmt: skip
_USUAL_WEIGHT = 9
_WITHOUT_PRICE, _WITHOUT_PHOTO = 0.03, 0.05


@dataclass
class Car:
    """A car of the plan. Amounts are whole euros or dollars; `lowered` is (days after arrival, price before)."""

    site: SiteCast
    model: Model
    version: Version
    kind: Kind
    status: VehicleStatus
    stock_number: str
    vin: str
    plate: str
    year: int
    first_registration: date | None
    mileage: int
    paint: str
    colour: str
    options: list[str]
    description: str
    list_price: int
    price: int | None
    min_price: int
    purchase_price: int
    vat_scheme: str
    lot: str
    arrived_on: date
    sold_on: date | None
    photos: int
    costs: list[tuple[str, int]]
    lowered: list[tuple[int, int]] = field(default_factory=list)


def cars_of(group: GroupCast, *, day: date) -> list[Car]:
    """The group's cars on this day, those that arrived first at the beginning."""
    random = Random(group.seed * 7 + 1)  # noqa: S311 - a demo that always shows the same stock
    shares = [site.share for site in group.sites]
    found = [
        _car(random.choices(group.sites, shares)[0], number, day, random) for number in range(group.vehicles)
    ]
    return sorted(found, key=lambda car: (car.arrived_on, car.stock_number))


def _car(site: SiteCast, number: int, day: date, random: Random) -> Car:
    models = models_of(site.country)
    model = random.choices(models, [_WEIGHTS.get(model.segment, _USUAL_WEIGHT) for model in models])[0]
    version = random.choice(model.versions)
    kind = random.choices(list(_KINDS), list(_KINDS.values()))[0]
    status, arrived_on, sold_on = _stay(kind, day, random)
    registered = _registered(model, kind, arrived_on, random)
    mileage = _mileage(model, kind, registered, arrived_on, random)
    options = _options(site, random)
    paint = random.choices(list(words.COLOURS), [share for _names, share in words.COLOURS.values()])[0]
    list_price = version.list_price + 180 * len(options)
    price = _price(list_price, kind, (arrived_on - (registered or arrived_on)).days / 365, mileage, random)
    year = registered.year if registered else arrived_on.year
    is_ours = kind != Kind.NEW and site.country == "FR"
    car = Car(
        site=site, model=model, version=version, kind=kind, status=status, year=year, mileage=mileage, paint=paint,
        stock_number=f"{site.slug[:2].upper()}-{2000 + number * 7 % 7000 + 1}",
        vin="" if random.random() < 0.04 else vin(model.maker, year, random),
        plate=french_plate(year, random) if is_ours else "",
        first_registration=registered, colour=random.choice(words.COLOURS[paint][0]), options=options,
        description=random.choice(words.DESCRIPTIONS) if kind != Kind.NEW else "",
        list_price=list_price, price=price, min_price=_rounded(price * random.uniform(0.94, 0.97), 100),
        purchase_price=_rounded(price * _bought_at(kind, random), 10), vat_scheme=_vat(site, kind, random),
        lot=_lot(status, kind, random), arrived_on=arrived_on, sold_on=sold_on, photos=_photos(status, random),
        costs=[] if kind == Kind.NEW else random.sample(words.COSTS, random.randrange(1, 4)),
    )  # fmt: skip
    _lower(car, day, random)
    if status in {_S.AVAILABLE, _S.PREPARATION} and random.random() < _WITHOUT_PRICE:
        car.price, car.lowered = None, []
    return car


def _stay(kind: Kind, day: date, random: Random) -> tuple[VehicleStatus, date, date | None]:
    """Where it stands in its life, since when it is here, and when it was sold."""
    chance = random.random()
    if chance < _SOLD:
        sold_on = day - timedelta(days=random.randrange(1, _SOLD_WITHIN))
        stayed = timedelta(days=round(random.lognormvariate(math.log(28), 0.6)))
        status = _S.DELIVERED if (day - sold_on).days > 8 else _S.SOLD
        return status, sold_on - stayed, sold_on
    if chance < _SOLD + _COMING or (kind == Kind.NEW and chance < _SOLD + 2 * _COMING):
        coming = random.choice((_S.ORDERED, _S.IN_TRANSIT))
        if kind != Kind.NEW:  # nobody orders a car that has had an owner: it is bought and fetched
            coming = _S.IN_TRANSIT
        return coming, day - timedelta(days=random.randrange(2, 20)), None
    stretch = random.choices([days for _share, days in _AGES], [share for share, _days in _AGES])[0]
    age = random.randint(*stretch)
    if age < 9 and kind != Kind.NEW and random.random() < 0.6:
        return _S.PREPARATION, day - timedelta(days=age), None
    status = _S.RESERVED if random.random() < 0.09 else _S.AVAILABLE
    return status, day - timedelta(days=age), None


def _registered(model: Model, kind: Kind, arrived_on: date, random: Random) -> date | None:
    if kind == Kind.NEW:
        return None
    if kind == Kind.DEMO:
        return arrived_on - timedelta(days=random.randrange(40, 260))
    oldest = (arrived_on - date(model.since, 3, 1)).days / 365
    years = min(max(0.7, oldest), max(0.7, random.triangular(0.8, 8.5, 3.2)))
    return arrived_on - timedelta(days=round(years * 365))


def _mileage(model: Model, kind: Kind, registered: date | None, arrived_on: date, random: Random) -> int:
    if registered is None:
        return random.randrange(5, 25)
    years = (arrived_on - registered).days / 365
    yearly = 8_000 if kind == Kind.DEMO else _KM_A_YEAR.get(model.segment, _USUAL_KM)
    return max(900, _rounded(years * yearly * random.uniform(0.65, 1.4), 10) + random.randrange(10))


def _price(list_price: int, kind: Kind, years: float, mileage: int, random: Random) -> int:
    """What the market pays: by age, and by kilometres that are more or fewer than usual. Ends on 90."""
    if kind == Kind.NEW:
        return _on_ninety(list_price * random.uniform(0.93, 1.0))
    worth = _FIRST_YEAR * _EACH_YEAR ** max(0.0, years - 1)
    if kind == Kind.DEMO:
        worth = 0.87
    usual = max(0.0, min(0.14, (mileage - years * _USUAL_KM) / 400_000))
    return max(3_490, _on_ninety(list_price * (worth - usual) * random.uniform(0.96, 1.04)))


def _bought_at(kind: Kind, random: Random) -> float:
    return random.uniform(0.90, 0.935) if kind == Kind.NEW else random.uniform(0.83, 0.92)


def _lower(car: Car, day: date, random: Random) -> None:
    """A car that stays is lowered by and by; what it cost before is kept, the first price first."""
    here = ((car.sold_on or day) - car.arrived_on).days
    moments = [after for after in (33, 62, 95) if after + 3 < here and random.random() < 0.75]
    if car.kind == Kind.NEW or not moments:
        return
    price, before = car.price or 0, []
    for after in reversed(moments):
        price = _on_ninety(price * random.uniform(1.02, 1.05))
        before.append((after + random.randrange(3), price))
    car.lowered = before[::-1]
    car.min_price = min(car.min_price, car.price or car.min_price)


def _options(site: SiteCast, random: Random) -> list[str]:
    chosen = random.sample(words.OPTIONS, random.randrange(3, 9))
    return [*chosen, random.choice(words.OPTIONS_OF_WINTER)] if site.country == "CA" else chosen


def _vat(site: SiteCast, kind: Kind, random: Random) -> str:
    """Cars of private people carry the margin scheme; Québec knows none."""
    if site.country != "FR":
        return ""
    return VatScheme.STANDARD if kind != Kind.USED or random.random() < 0.3 else VatScheme.MARGIN


def _lot(status: VehicleStatus, kind: Kind, random: Random) -> str:
    if status == _S.AVAILABLE and kind != Kind.USED and random.random() < 0.35:
        return random.choice(words.SHOWROOM)
    return random.choice(words.LOTS.get(status, ("",)))


def _photos(status: VehicleStatus, random: Random) -> int:
    if status in {_S.ORDERED, _S.IN_TRANSIT} or random.random() < _WITHOUT_PHOTO:
        return 0
    if status == _S.PREPARATION:
        return random.choice((0, 1))
    return 1 if status in {_S.SOLD, _S.DELIVERED} else 3


def _rounded(amount: float, step: int) -> int:
    return round(amount / step) * step


def _on_ninety(amount: float) -> int:
    """15 990, 16 490: as prices are written on windscreens."""
    return max(990, round((amount + 10) / 500) * 500 - 10)


def for_sale(cars: Sequence[Car], site: str, *, until: date) -> Iterator[Car]:
    """What stood on the site on that day and had no buyer yet."""
    for car in cars:
        unsold = car.sold_on is None or car.sold_on > until
        if car.site.slug == site and car.arrived_on <= until and unsold and car.price is not None:
            yield car
