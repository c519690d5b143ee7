"""What the stock's watch keeps of its own work: what is to be looked at, which mornings were run, what was told."""

from __future__ import annotations

from django.db import models

from sites.models import GroupOwned, Site
from stock.models.vehicles import Vehicle


class StockHint(GroupOwned):
    """Something changed: written in the transaction of the change, gone once it was looked at.

    `vehicle_ids` names what changed; empty is « whatever was updated from `since` on ». Insert only, so that nobody who
    writes a vehicle waits for anybody else; and unlike a cursor over `updated_at` it misses no late commit.
    """

    vehicle_ids = models.JSONField(default=list)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} {len(self.vehicle_ids)}"


class Errand(models.TextChoices):
    """What is done once a site's morning. Internal: no person reads these."""

    AGEING = "ageing", "ageing"
    WANTED = "wanted", "wanted"
    RECOUNT = "recount", "recount"


class Morning(GroupOwned):
    """An errand that was run on a site's local day. The row is the right to run it: two schedulers, one row."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    errand = models.CharField(max_length=8, choices=Errand.choices)
    day = models.DateField()  # of the site's calendar
    ran_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "day", "errand"], name="morning_errand_once"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day} {self.errand}"


class AgeMark(GroupOwned):
    """The highest age limit that was told of a vehicle, and as what it was told.

    It counts for the stay that began on `arrived_on`. `is_open`: its site manager was asked to act on this one car,
    which had `price` then, and nothing has happened to it since.
    """

    vehicle = models.OneToOneField(Vehicle, on_delete=models.CASCADE, related_name="age_mark")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    days = models.PositiveSmallIntegerField()
    arrived_on = models.DateField()
    price = models.BigIntegerField(null=True)
    told_at = models.DateTimeField()
    is_open = models.BooleanField(default=False)

    class Meta:
        indexes = [
            # the watch: which of those that wait for an act have had one
            models.Index(fields=["group"], condition=models.Q(is_open=True), name="age_mark_open"),
        ]

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.days}"
