"""The cars in the window of the demo dealers: of the site's published stock, invented ones where it has none.

Prices without cents, in the country's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from babel.numbers import format_currency, format_decimal
from django.db.models import F
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from leads.services import VehicleWish
from sites.models import Site
from stock.models import Vehicle, VehicleStatus

_CURRENCY = {"FR": "EUR", "CA": "CAD"}
_LOCALE = {"FR": {"fr": "fr_FR", "en": "en_GB"}, "CA": {"fr": "fr_CA", "en": "en_CA"}}
_PATTERN = {"fr_FR": "#,##0\u00a0¤", "en_GB": "¤#,##0", "fr_CA": "#,##0\u00a0¤", "en_CA": "¤#,##0"}


@dataclass(frozen=True)
class WindowCar:
    """A car as the page shows it. `shape` and `paint` choose the drawing where there is no `photo`, which is an address.

    `reference` is the stock number.
    """

    reference: str
    make: str
    model: str
    trim: str
    year: int
    kilometres: int
    energy: str | Promise
    gearbox: str | Promise
    price: int
    shape: str
    paint: str
    country: str = "FR"
    photo: str = ""

    def __str__(self) -> str:
        return f"{self.make} {self.model} {self.year}"

    @property
    def picture(self) -> str:
        return f"demo/cars/{self.shape}.html"

    @property
    def price_text(self) -> str:
        """In the reader's language and the country's currency, without cents."""
        pattern = _PATTERN[self._locale]
        currency = _CURRENCY[self.country]
        text = format_currency(self.price, currency, pattern, locale=self._locale, currency_digits=False)
        return text.replace("CA$", "$").replace("$\u00a0CA", "$")

    @property
    def distance_text(self) -> str:
        return f"{format_decimal(self.kilometres, locale=self._locale)} km"

    @property
    def _locale(self) -> str:
        return _LOCALE[self.country].get(get_language() or "fr", "fr_FR")

    @property
    def wish(self) -> VehicleWish:
        """What a customer who points at this car asks for."""
        return VehicleWish(make=self.make, model=self.model, year=self.year, stock_number=self.reference)


PETROL, DIESEL = _("Petrol"), _("Diesel")
HYBRID, ELECTRIC = _("Hybrid"), _("Electric")
MANUAL, AUTO = _("Manual"), _("Automatic")

_FRANCE = (
    WindowCar("LY-2081", "Peugeot", "208", "Allure", 2023, 18_400, PETROL, MANUAL, 16_490, "hatch", "yellow"),
    WindowCar("LY-3008", "Peugeot", "3008", "GT Hybrid 136", 2024, 9_800, HYBRID, AUTO, 31_900, "suv", "blue"),
    WindowCar("LY-5412", "Renault", "Clio", "Techno E-Tech", 2023, 22_100, HYBRID, AUTO, 18_990, "hatch", "red"),
    WindowCar("LY-7730", "Dacia", "Duster", "Journey 4×4", 2024, 14_700, PETROL, MANUAL, 22_490, "suv", "green"),
    WindowCar("LY-6205", "Toyota", "Corolla Touring", "Design", 2022, 41_300, HYBRID, AUTO, 23_900, "estate", "grey"),
    WindowCar("LY-9001", "Renault", "Mégane E-Tech", "Iconic", 2023, 12_900, ELECTRIC, AUTO, 27_490, "hatch", "night"),
)  # fmt: skip

_QUEBEC = (
    WindowCar("QC-1204", "Toyota", "RAV4", "XLE AWD", 2023, 28_500, HYBRID, AUTO, 38_900, "suv", "red", "CA"),
    WindowCar("QC-2217", "Honda", "Civic", "Sport", 2023, 31_200, PETROL, MANUAL, 27_900, "estate", "blue", "CA"),
    WindowCar("QC-3349", "Ford", "F-150", "XLT 4×4", 2022, 52_800, PETROL, AUTO, 49_900, "pickup", "night", "CA"),
    WindowCar("QC-4471", "Hyundai", "Kona", "Preferred", 2024, 11_400, ELECTRIC, AUTO, 36_900, "suv", "green", "CA"),
    WindowCar("QC-5180", "Mazda", "3 Sport", "GT", 2022, 44_600, PETROL, AUTO, 25_400, "hatch", "grey", "CA"),
    WindowCar("QC-6032", "Subaru", "Crosstrek", "Touring", 2023, 19_700, PETROL, AUTO, 33_700, "suv", "yellow", "CA"),
)  # fmt: skip

_WINDOWS = {"FR": _FRANCE, "CA": _QUEBEC}


# Cards of the page: a phone loads a thumbnail for each.
_IN_THE_WINDOW = 9


def cars_at(site: Site) -> tuple[WindowCar, ...]:
    """What stands in the site's window: its latest photographed cars for sale, each model once. In its group's scope."""
    found: dict[str, WindowCar] = {}
    rows = Vehicle.objects.filter(
        site=site, status=VehicleStatus.AVAILABLE, price__isnull=False, photos__position=0
    )
    photos = rows.order_by("-arrived_on", "-pk").annotate(photo_id=F("photos__pk"))
    for vehicle in photos[: _IN_THE_WINDOW * 3]:
        if len(found) < _IN_THE_WINDOW:
            found.setdefault(vehicle.model, _in_the_window(vehicle, vehicle.photo_id, site.country))
    return tuple(found.values()) or cars_of(site.country)


def _in_the_window(vehicle: Vehicle, photo_id: UUID, country: str) -> WindowCar:
    return WindowCar(
        reference=vehicle.stock_number,
        make=vehicle.make,
        model=vehicle.model,
        trim=vehicle.version,
        year=vehicle.known_year or 0,
        kilometres=vehicle.mileage or 0,
        energy=vehicle.get_fuel_display(),
        gearbox=vehicle.get_gearbox_display(),
        price=(vehicle.price or 0) // 100,
        shape="hatch",
        paint="grey",
        country=country,
        photo=reverse("feeds:thumbnail", args=[photo_id]),
    )


def cars_of(country: str) -> tuple[WindowCar, ...]:
    """The invented cars of a site in this country."""
    return _WINDOWS.get(country, _FRANCE)
