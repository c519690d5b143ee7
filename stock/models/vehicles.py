"""The vehicle, and its history."""

from __future__ import annotations

import re
from datetime import date

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from core.money import currency_of, spoken_cents
from core.words import fold
from imports.models import Imported, RowChange
from sites.models import Site, group_without_index
from stock.models.words import GONE, HERE, SELLABLE, Fuel, Gearbox, Kind, Segment, VatScheme, VehicleStatus

# Characters of `words`, what a search finds a vehicle by.
WORDS_LENGTH = 400
# Cents; beyond it an amount is a slip. Ten million of whatever currency.
MOST_CENTS = 1_000_000_000
_IN_CENTS = [MaxValueValidator(MOST_CENTS)]


class Vehicle(Imported):
    """One car, van or lorry. Amounts are cents of its site's currency, with tax; mileage is kilometres.

    `site` is where it stands: while it is under way between two sites, still the one that it leaves. `arrived_on` is
    the day since which it stands in the group's stock: its age counts from there.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = group_without_index()
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, related_name="vehicles", verbose_name=_("site"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.USED)
    status = models.CharField(
        _("status"), max_length=12, choices=VehicleStatus.choices, default=VehicleStatus.AVAILABLE
    )
    stock_number = models.CharField(_("stock number"), max_length=40, blank=True)
    vin = models.CharField(_("VIN"), max_length=17, blank=True)
    plate = models.CharField(_("plate"), max_length=12, blank=True)
    make = models.CharField(_("make"), max_length=60)
    model = models.CharField(_("model"), max_length=80)
    version = models.CharField(_("version"), max_length=160, blank=True)
    segment = models.CharField(_("segment"), max_length=10, choices=Segment.choices, blank=True)
    fuel = models.CharField(_("fuel"), max_length=14, choices=Fuel.choices, blank=True)
    gearbox = models.CharField(_("gearbox"), max_length=10, choices=Gearbox.choices, blank=True)
    power = models.PositiveSmallIntegerField(_("power (hp)"), null=True, blank=True)  # DIN horsepower
    co2 = models.PositiveSmallIntegerField(_("CO₂ (g/km)"), null=True, blank=True)
    mileage = models.PositiveIntegerField(_("mileage (km)"), null=True, blank=True)
    first_registration = models.DateField(_("first registration"), null=True, blank=True)
    year = models.PositiveSmallIntegerField(_("model year"), null=True, blank=True)
    colour = models.CharField(_("colour"), max_length=60, blank=True)
    doors = models.PositiveSmallIntegerField(_("doors"), null=True, blank=True)
    seats = models.PositiveSmallIntegerField(_("seats"), null=True, blank=True)
    options = models.JSONField(_("options"), default=list, blank=True)
    description = models.TextField(_("description"), blank=True)
    lot = models.CharField(_("place in the yard"), max_length=40, blank=True)
    list_price = models.BigIntegerField(_("list price"), null=True, blank=True, validators=_IN_CENTS)
    price = models.BigIntegerField(_("price"), null=True, blank=True, validators=_IN_CENTS)
    min_price = models.BigIntegerField(_("lowest price"), null=True, blank=True, validators=_IN_CENTS)
    purchase_price = models.BigIntegerField(_("purchase price"), null=True, blank=True, validators=_IN_CENTS)
    vat_scheme = models.CharField(_("VAT"), max_length=10, choices=VatScheme.choices, blank=True)
    photo_urls = models.JSONField(default=list, blank=True, editable=False)  # as the feed names them
    photos_looked_at = models.DateTimeField(
        null=True, editable=False
    )  # its `updated_at` when they were fetched
    arrived_on = models.DateField(_("in stock since"))
    sold_at = models.DateTimeField(_("sold"), null=True, blank=True)
    highlighted_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    words = models.CharField(max_length=WORDS_LENGTH, blank=True, editable=False)

    class Meta(Imported.Meta):
        verbose_name = _("vehicle")
        verbose_name_plural = _("vehicles")
        constraints = [
            *Imported.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(status__in=["sold", "delivered"]) | Q(sold_at__isnull=False),
                name="vehicle_sold_has_a_day",
            ),
        ]
        indexes = [
            # the list of what may be sold, newest arrivals first, and by price; other orders sort what they find
            models.Index(
                fields=["group", "-arrived_on", "-id"],
                condition=Q(status__in=[*SELLABLE]),
                name="vehicle_newest",
            ),
            models.Index(
                F("group"),
                Coalesce("price", Value(MOST_CENTS + 1)),
                F("id"),
                condition=Q(status__in=[*SELLABLE]),
                name="vehicle_cheapest",
            ),
            # thresholds and ageing of a site
            models.Index(fields=["site", "status", "segment"], name="vehicle_of_site"),
            # feeds and people who know it: one car is not taken in twice
            models.Index(fields=["group", "vin"], condition=~Q(vin=""), name="vehicle_by_vin"),
            models.Index(
                fields=["group", "stock_number"], condition=~Q(stock_number=""), name="vehicle_by_number"
            ),
            # wanted cars, similar cars
            models.Index(fields=["group", "make", "model", "price"], name="vehicle_by_model"),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("stock:detail", args=[self.pk])

    @property
    def label(self) -> str:
        """« Peugeot 208 1.2 PureTech 100 Allure »."""
        return " ".join(part for part in (self.make, self.model, self.version) if part)

    @property
    def short_label(self) -> str:
        """« Peugeot 208 2023 »."""
        return " ".join(part for part in (self.make, self.model, str(self.known_year or "")) if part)

    @property
    def known_year(self) -> int | None:
        """The model year, or that of the first registration."""
        return self.year or (self.first_registration.year if self.first_registration else None)

    @property
    def currency(self) -> str:
        """ISO 4217, by the site's country; the caller has selected the site."""
        return currency_of(self.site.country)

    @property
    def spoken_price(self) -> str:
        """The price in the active language; empty without one."""
        return "" if self.price is None else spoken_cents(self.price, self.currency)

    @property
    def is_here(self) -> bool:
        return self.status in HERE

    @property
    def is_gone(self) -> bool:
        return self.status in GONE

    def age_on(self, day: date) -> int:
        """Days in stock."""
        return max(0, (day - self.arrived_on).days)


# In the order in which `words` holds them: what may be cut off stands last.
SEARCHED = ("make", "model", "stock_number", "plate", "vin", "year", "colour", "version")

# What people put between the parts of a word, or leave out: « T-Roc », « AB-123-CD ».
_JOINTS = re.compile(r"[-/'_]+")


def words_of(**fields: str | int | None) -> str:
    """What a search finds a vehicle by, folded, each word after a blank: the caller passes the fields of `SEARCHED`."""
    text = fold(" ".join(str(fields[name]) for name in SEARCHED if fields.get(name)))
    return " ".join(("", *spread(text)))[:WORDS_LENGTH]


def spread(folded: str) -> list[str]:
    """The words of a folded text, each once; « t-roc » also as « t », « roc » and « troc »."""
    if not _JOINTS.search(folded):
        return list(dict.fromkeys(folded.split()))
    words: list[str] = []
    for word in folded.split():
        parts = list(filter(None, _JOINTS.split(word)))
        words += parts
        if len(parts) > 1:
            words.append("".join(parts))
    return list(dict.fromkeys(words))


class VehicleChange(RowChange):
    """What was changed on a vehicle, by whom and when; empty `changes` on the day it came."""

    # Whoever writes a line holds the vehicle locked, or has just written it, and copies its group, which was checked.
    group = group_without_index(checked=False)
    of = models.ForeignKey(
        Vehicle,
        on_delete=models.CASCADE,
        related_name="history",
        verbose_name=_("vehicle"),
        db_constraint=False,
    )

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.of_id} {self.at:%Y-%m-%d %H:%M}"
