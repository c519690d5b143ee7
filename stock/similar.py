"""Cars to show beside a car: the same model or the same segment at about the price, on every site of the group."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Abs

from stock.models import SELLABLE, Photo, Vehicle

SHOWN = 4
NEAR = 15  # percent of the price


def similar_to(vehicle: Vehicle) -> list[Vehicle]:
    """The nearest first: of the same model before others, then by price. One query, and one for the photos."""
    if vehicle.price is None:
        return []
    low, high = vehicle.price * (100 - NEAR) // 100, vehicle.price * (100 + NEAR) // 100
    model = Q(make__iexact=vehicle.make, model__iexact=vehicle.model)
    wanted = model | Q(segment=vehicle.segment) if vehicle.segment else model
    # Of one country: a car does not cross to where its price is in another currency.
    rows = Vehicle.objects.filter(
        wanted, status__in=SELLABLE, price__range=(low, high), site__country=vehicle.site.country
    ).exclude(pk=vehicle.pk)
    closeness = Case(When(model, then=Value(0)), default=Value(1), output_field=IntegerField())
    nearest = rows.annotate(closeness=closeness, gap=Abs(F("price") - vehicle.price))
    found = list(nearest.select_related("site").order_by("closeness", "gap", "pk")[:SHOWN])
    return with_first_photo(found)


def with_first_photo(vehicles: Sequence[Vehicle]) -> list[Vehicle]:
    """The same, each with `first_photo` (or None). One query."""
    photos = {photo.vehicle_id: photo for photo in Photo.objects.filter(vehicle__in=vehicles, position=0)}
    for vehicle in vehicles:
        vehicle.first_photo = photos.get(vehicle.pk)  # type: ignore[attr-defined]
    return list(vehicles)
