"""Who had which message sent again, and when."""

from __future__ import annotations

from django.db import models

from notifications.choices import DeliveryState
from notifications.models.road import Delivery
from sites.models import GroupOwned, User


class Replay(GroupOwned):
    """A message that had not arrived was sent again by a person. `state` and `cause` are those of before."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="replays")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=DeliveryState.choices)
    cause = models.CharField(max_length=60)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.at:%Y-%m-%d %H:%M}"
