"""What became of the alerts, summed up by day; and what people answered when a type was proposed for less noise."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from notifications.choices import Channel
from sites.models import GroupOwned, Site, User, group_without_index


class DayMeasure(GroupOwned):
    """A local day's alerts about one site, or (without `site`) about none: `cells` are `measures.Cell`s.

    Text and not a JSON field: it is read in one go by msgspec, which makes a page of ninety days ten times as quick.
    Worked out of the alerts themselves and replaced as a whole, so it may be thrown away and made again.
    """

    group = group_without_index()
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, related_name="+")
    day = models.DateField()
    cells = models.TextField()
    measured_at = models.DateTimeField()

    class Meta:
        constraints = [
            # also finds the days of a period
            models.UniqueConstraint(fields=["group", "day", "site"], name="day_measured_once_a_site"),
            models.UniqueConstraint(
                fields=["group", "day"], condition=Q(site__isnull=True), name="day_measured_once_without_site"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.site_id or '–'}"


class DemotionAnswer(GroupOwned):
    """A person's answer when less noise was proposed for a type on a channel: `accepted`, or kept as it was.

    `before` is his own choice until then (None: he had none), so that it can be taken back.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="demotion_answers")
    type_key = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    accepted = models.BooleanField()
    before = models.BooleanField(null=True)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "type_key", "channel"], name="demotion_answered_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.type_key} {self.channel}"
