"""Puts the planned cars into the yard: rows in few statements, pictures into the folder of uploads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from dms.demo.cast import GroupCast
from dms.demo.drawings.car import layers_of
from dms.demo.drawings.photos import Print, prints_of
from dms.demo.drawings.stage import HEIGHT, WIDTH
from dms.demo.stock.plan import Car
from sites.models import Site, User
from sites.roles import Role
from stock.models import AgeLimit, Cost, Photo, Threshold, Vehicle, VehicleChange, VehicleStatus
from stock.models.vehicles import SEARCHED, words_of

_BATCH = 500
_THREADS = 4
# The day on which a car comes, in the afternoon.
_PHOTOGRAPHED_AFTER = timedelta(hours=6)

# What each site wants of a segment, as a part of what it usually has, and when it is well again.
_THRESHOLDS = {"city": (6, 8), "suv": (7, 9), "compact": (4, 6), "estate": (3, 4), "van": (3, 4)}
_LIMITS = {"": [30, 45, 60, 90], "cabriolet": [60, 90, 120], "van": [45, 75, 100]}


@dataclass(frozen=True)
class Yard:
    """Who keeps the stock of each site of the group, and where the sites are."""

    sites: Mapping[str, Site]
    keepers: Mapping[str, User | None]

    @classmethod
    def of(cls, cast: GroupCast, sites: Mapping[str, Site], people: Mapping[str, User]) -> Yard:
        managers = {person.site: person.name for person in cast.people if person.role == Role.STOCK_MANAGER}
        keepers = {slug: people[managers[slug]] if slug in managers else None for slug in sites}
        return cls(sites, keepers)


def park(cars: Sequence[Car], yard: Yard, *, at: datetime) -> list[Vehicle]:
    """Make the cars' rows with their past, in the group's scope; the vehicles in the order of the plan."""
    vehicles = [_vehicle(car, yard.sites[car.site.slug], at) for car in cars]
    Vehicle.objects.bulk_create(vehicles, batch_size=_BATCH)
    pairs = list(zip(cars, vehicles, strict=True))
    changes = [change for car, vehicle in pairs for change in _past(car, vehicle, yard)]
    VehicleChange.objects.bulk_create(changes, batch_size=_BATCH)
    yesterday = at.date() - timedelta(days=1)
    costs = [cost for car, vehicle in pairs for cost in _costs(car, vehicle, yard)]
    Cost.objects.bulk_create((cost for cost in costs if cost.incurred_on <= yesterday), batch_size=_BATCH)
    hang_up_photos(pairs, yard)
    return vehicles


def set_limits(sites: Iterable[Site]) -> None:
    """Thresholds and age limits of the sites."""
    rows = list(sites)
    Threshold.objects.bulk_create(
        Threshold(group_id=site.group_id, site=site, segment=segment, least=least, enough=enough)
        for site in rows
        for segment, (least, enough) in _THRESHOLDS.items()
    )
    AgeLimit.objects.bulk_create(
        AgeLimit(group_id=site.group_id, site=site, segment=segment, days=days)
        for site in rows
        for segment, days in _LIMITS.items()
    )


def _vehicle(car: Car, site: Site, at: datetime) -> Vehicle:
    vehicle = Vehicle(
        group_id=site.group_id, site=site, kind=car.kind, status=car.status, stock_number=car.stock_number, vin=car.vin,
        plate=car.plate, make=car.model.make, model=car.model.name, version=car.version.name, segment=car.model.segment,
        fuel=car.version.fuel, gearbox=car.version.gearbox, power=car.version.power, co2=car.version.co2,
        mileage=car.mileage, first_registration=car.first_registration, year=car.year, colour=car.colour,
        doors=car.model.doors, seats=car.model.seats, options=car.options, description=car.description, lot=car.lot,
        list_price=car.list_price * 100, price=None if car.price is None else car.price * 100,
        min_price=car.min_price * 100, purchase_price=car.purchase_price * 100, vat_scheme=car.vat_scheme,
        arrived_on=car.arrived_on, sold_at=_at(car.sold_on, 17, site) if car.sold_on else None, created_at=_at(car.arrived_on, 9, site),
    )  # fmt: skip
    vehicle.updated_at = min(at, max(moment for moment, _changes in _steps(car, site)))
    vehicle.words = words_of(**{name: getattr(vehicle, name) for name in SEARCHED})
    return vehicle


def _at(day: date, hour: int, site: Site) -> datetime:
    return datetime.combine(day, time(hour, 12), ZoneInfo(site.time_zone))


def _steps(car: Car, site: Site) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """The car's history: taken in, made ready, lowered, reserved or sold."""
    yield _at(car.arrived_on, 9, site), {}
    for step, (after, before) in enumerate(car.lowered):
        later = car.lowered[step + 1][1] if step + 1 < len(car.lowered) else car.price or before
        yield _at(car.arrived_on + timedelta(days=after), 11, site), {"price": [before * 100, later * 100]}
    if car.sold_on is not None:
        sold_at = _at(car.sold_on, 17, site)
        steps = {"status": [VehicleStatus.AVAILABLE.value, VehicleStatus.SOLD.value]}
        yield sold_at, {**steps, "sold_at": [None, sold_at.isoformat()]}
        if car.status == VehicleStatus.DELIVERED:
            handed_over = {"status": [VehicleStatus.SOLD.value, VehicleStatus.DELIVERED.value]}
            yield _at(car.sold_on + timedelta(days=7), 16, site), handed_over


def _past(car: Car, vehicle: Vehicle, yard: Yard) -> Iterator[VehicleChange]:
    keeper = yard.keepers[car.site.slug]
    for moment, changes in _steps(car, vehicle.site):
        yield VehicleChange(group_id=vehicle.group_id, of=vehicle, at=moment, by=keeper, changes=changes)


def _costs(car: Car, vehicle: Vehicle, yard: Yard) -> Iterator[Cost]:
    for number, (label, amount) in enumerate(car.costs):
        day = car.arrived_on + timedelta(days=2 + number)
        yield Cost(
            group_id=vehicle.group_id, vehicle=vehicle, label=label, cents=amount * 100, incurred_on=day,
            added_at=_at(day, 14, vehicle.site), added_by=yard.keepers[car.site.slug],
        )  # fmt: skip


def hang_up_photos(pairs: Sequence[tuple[Car, Vehicle]], yard: Yard) -> None:
    """Draw what there is to see, each sort of car once, and give every vehicle files of its own."""
    shown = [(car, vehicle) for car, vehicle in pairs if car.photos]
    for shape in {car.model.segment for car, _vehicle in shown}:
        layers_of(shape.value)  # once, before the threads need it
    looks = sorted({_look(car) for car, _vehicle in shown})
    with ThreadPoolExecutor(_THREADS) as threads:
        drawn = dict(zip(looks, threads.map(lambda look: prints_of(*look), looks), strict=True))
        hung = [
            (_photo(car, vehicle, position, one.digest, yard), one)
            for car, vehicle in shown
            for position, one in enumerate(drawn[_look(car)][: car.photos])
        ]
        list(threads.map(_keep, hung))
    Photo.objects.bulk_create([photo for photo, _one in hung], batch_size=_BATCH)


def _look(car: Car) -> tuple[str, str, str]:
    return car.model.segment.value, car.paint, car.site.slug


def _photo(car: Car, vehicle: Vehicle, position: int, digest: str, yard: Yard) -> Photo:
    folder = f"stock/{vehicle.group_id}/{vehicle.pk}/"
    photo = Photo(
        group_id=vehicle.group_id, vehicle=vehicle, position=position, width=WIDTH, height=HEIGHT, digest=digest,
        added_by=yard.keepers[car.site.slug], added_at=vehicle.created_at + _PHOTOGRAPHED_AFTER,
    )  # fmt: skip
    photo.file, photo.thumbnail = f"{folder}{photo.pk}.jpg", f"{folder}{photo.pk}-small.jpg"
    return photo


def _keep(hung: tuple[Photo, Print]) -> None:
    photo, drawn = hung
    default_storage.save(photo.file, ContentFile(drawn.large))
    default_storage.save(photo.thumbnail, ContentFile(drawn.small))
