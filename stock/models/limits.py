"""What a site wants of its stock: at least so many of a segment, and none older than so many days."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sites.models import GroupOwned, Site
from stock.models.words import Kind, Segment


class Threshold(GroupOwned):
    """How many vehicles of a segment a site wants to have.

    It is alerted under `least` and is well again only from `enough` on, so that a count that swings does not ring
    each time. `below_since` is the state in between.
    """

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="thresholds", verbose_name=_("site")
    )
    segment = models.CharField(_("segment"), max_length=10, choices=Segment.choices)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, blank=True)
    least = models.PositiveSmallIntegerField(_("at least"))
    enough = models.PositiveSmallIntegerField(_("well again from"))
    below_since = models.DateTimeField(null=True, editable=False)
    spells = models.PositiveIntegerField(default=0, editable=False)  # how often it has fallen below

    class Meta:
        verbose_name = _("stock threshold")
        verbose_name_plural = _("stock thresholds")
        ordering = ["site__name", "segment", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["site", "segment", "kind"], name="threshold_once"),
            models.CheckConstraint(condition=Q(enough__gte=F("least")), name="threshold_well_above_least"),
        ]

    def __str__(self) -> str:
        return f"{self.get_segment_display()} ≥ {self.least}"


class AgeLimit(GroupOwned):
    """From how many days in stock a site hears of a vehicle; `segment` empty is for all that have none of their own."""

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="age_limits", verbose_name=_("site")
    )
    segment = models.CharField(_("segment"), max_length=10, choices=Segment.choices, blank=True)
    days = models.JSONField(_("days"), default=list)  # rising: each one alerts once

    class Meta:
        verbose_name = _("age limit")
        verbose_name_plural = _("age limits")
        ordering = ["site__name", "segment"]
        constraints = [models.UniqueConstraint(fields=["site", "segment"], name="age_limit_once")]

    def __str__(self) -> str:
        return f"{self.get_segment_display()} {self.days}"
