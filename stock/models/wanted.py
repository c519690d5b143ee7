"""A customer's search for a car, and the vehicles that were found for it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from sites.models import GroupOwned, Site, User, group_without_index
from stock.models.vehicles import Vehicle
from stock.models.words import Fuel, Gearbox, Segment


class WantedState(models.TextChoices):
    OPEN = "open", _("Looking")
    FOUND = "found", _("Found")
    ENDED = "ended", _("Ended")


class WantedCar(GroupOwned):
    """What a customer looks for. Empty means « whatever »; `max_price` is cents, `max_mileage` kilometres.

    `make_folded` and `model_folded` are compared with a vehicle's, without accents and capitals. `elsewhere` is
    whether a car that stands on another site of the group will do, `max_distance` how many kilometres away at most.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = group_without_index()
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="wanted_cars", verbose_name=_("site")
    )
    salesperson = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="wanted_cars", verbose_name=_("salesperson")
    )
    customer_name = models.CharField(_("customer"), max_length=120)
    customer_phone = models.CharField(_("phone"), max_length=32, blank=True)
    customer_email = models.CharField(_("email"), max_length=254, blank=True)
    make = models.CharField(_("make"), max_length=60, blank=True)
    model = models.CharField(_("model"), max_length=80, blank=True)
    make_folded = models.CharField(max_length=60, blank=True, editable=False)
    model_folded = models.CharField(max_length=80, blank=True, editable=False)
    segment = models.CharField(_("segment"), max_length=10, choices=Segment.choices, blank=True)
    fuel = models.CharField(_("fuel"), max_length=14, choices=Fuel.choices, blank=True)
    gearbox = models.CharField(_("gearbox"), max_length=10, choices=Gearbox.choices, blank=True)
    min_year = models.PositiveSmallIntegerField(_("from year"), null=True, blank=True)
    max_mileage = models.PositiveIntegerField(_("at most (km)"), null=True, blank=True)
    max_price = models.BigIntegerField(_("budget"), null=True, blank=True)
    elsewhere = models.BooleanField(_("on every site of the group"), default=True)
    max_distance = models.PositiveSmallIntegerField(_("no further than (km)"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(max_length=6, choices=WantedState.choices, default=WantedState.OPEN)
    created_at = models.DateTimeField()
    matched_at = models.DateTimeField(null=True, editable=False)  # null: to be held against the stock
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("wanted car")
        verbose_name_plural = _("wanted cars")
        ordering = ["-created_at", "-pk"]
        indexes = [
            # matching: the open searches of a group by make
            models.Index(
                fields=["group", "make_folded", "model_folded"],
                condition=Q(state="open"),
                name="wanted_by_model",
            ),
            # the watch: searches that are new or were changed
            models.Index(
                fields=["group"], condition=Q(state="open", matched_at__isnull=True), name="wanted_unmatched"
            ),
            # a salesperson's own searches
            models.Index(fields=["salesperson", "-created_at"], name="wanted_of_salesperson"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_name}: {self.make} {self.model}".strip()


class WantedMatch(GroupOwned):
    """A vehicle that fits a search. Told once: `told_at` is the morning whose alert named it."""

    group = group_without_index()
    wanted = models.ForeignKey(WantedCar, on_delete=models.CASCADE, related_name="matches")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="matches")
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wanted", "vehicle"], name="match_once")]
        indexes = [
            # the morning's alert: what has not been told yet
            models.Index(fields=["group", "wanted"], condition=Q(told_at__isnull=True), name="match_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.wanted_id} {self.vehicle_id}"
