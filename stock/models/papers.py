"""Photos, documents and costs of a vehicle."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from sites.models import GroupOwned, User, group_without_index
from stock.models.vehicles import Vehicle


class Picture(GroupOwned):
    """What is known of a photo, shown or taken away; `file` and `thumbnail` are storage names of what we encoded."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = group_without_index()
    position = models.PositiveSmallIntegerField(default=0)
    file = models.CharField(max_length=200)
    thumbnail = models.CharField(max_length=200)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 of what was given to us
    source_url = models.CharField(max_length=1000, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pk} {self.position}"


class Photo(Picture):
    """A photo of a vehicle. `position` counts from 0 without gaps; 0 is the one that lists show."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="photos")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["vehicle", "digest"], name="photo_once_a_vehicle"),
        ]

    @property
    def large_url(self) -> str:
        """At most 1280 pixels wide or high."""
        return reverse("stock:photo", args=[self.pk])

    @property
    def small_url(self) -> str:
        """At most 320 pixels wide or high: for lists."""
        return reverse("stock:thumbnail", args=[self.pk])


class DiscardedPhoto(Picture):
    """A photo that somebody took away: it can be put back until its files are erased, a day later."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="discarded_photos")
    discarded_at = models.DateTimeField()

    class Meta:
        indexes = [
            # the nightly erasing
            models.Index(fields=["discarded_at"], name="photo_to_erase"),
        ]


class PhotoFetch(GroupOwned):
    """One attempt at an address that a feed named: each is fetched once, whatever came of it.

    `fault` is a short code, empty when the photo was taken; a photo that a person deletes does not come back.
    """

    group = group_without_index()
    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="photo_fetches")
    url_digest = models.CharField(max_length=64)  # SHA-256 of the address
    fault = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vehicle", "url_digest"], name="photo_fetched_once"),
        ]

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.fault or 'ok'}"


class Document(GroupOwned):
    """A file that belongs to a vehicle: registration, inspection, invoice of the purchase."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = group_without_index()
    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(_("name"), max_length=200)
    file = models.CharField(max_length=200)
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()  # bytes
    shows_margin = models.BooleanField(_("only for who may see the margin"), default=False)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.name


class Cost(GroupOwned):
    """What a vehicle cost beyond its purchase: preparation, tyres, transport. `cents` without tax."""

    group = group_without_index()
    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="costs")
    label = models.CharField(_("what for"), max_length=120)
    cents = models.BigIntegerField(_("amount"))
    incurred_on = models.DateField(_("day"))
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["incurred_on", "pk"]

    def __str__(self) -> str:
        return self.label
