"""What the notices of the stock share: their category, and the names that their samples are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from notifications.declarations import Category

STOCK = Category(
    key="stock",
    name=_("Stock"),
    description=_("Transfers, stock that runs short, vehicles that grow old, cars that customers look for"),
    icon="car-front",
)

SAMPLE_TIME = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SAMPLE_ID = UUID("01930000-0000-7000-8000-000000000003")
SAMPLE: dict[str, Any] = {"group_id": 1, "site_id": 1, "occurred_at": SAMPLE_TIME}
SAMPLE_VEHICLE: dict[str, Any] = {
    **SAMPLE,
    "vehicle_id": SAMPLE_ID,
    "vehicle": "Peugeot 208 2023",
    "site_name": "Marseille",
    "price": 15_990_00,
    "currency": "EUR",
}
