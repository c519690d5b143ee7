"""A price that somebody wants to set below the lowest one, until it is decided."""

from __future__ import annotations

from django.db import models

from approvals.models import ApprovalRequest
from sites.models import GroupOwned, group_without_index
from stock.models.vehicles import Vehicle


class AskedPrice(GroupOwned):
    """What a request asks for: the request itself knows the gap below the lowest price only. `cents` with tax."""

    group = group_without_index()
    request = models.OneToOneField(ApprovalRequest, on_delete=models.CASCADE, related_name="asked_price")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="asked_prices")
    cents = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.cents}"
