"""django-import-export at its best: bulk, instances loaded once, unchanged rows skipped; its cells are ready values."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from import_export import fields, resources
from import_export.instance_loaders import CachedInstanceLoader
from import_export.widgets import IntegerWidget, JSONWidget
from tablib import Dataset

from core.ids import new_id
from stock.models import Vehicle

# Of what it is given: values as the database takes them, so that it has nothing to understand.
COLUMNS = (
    "feed_key", "stock_number", "vin", "plate", "kind", "status", "make", "model", "version", "segment", "fuel",
    "gearbox", "power", "co2", "mileage", "first_registration", "year", "colour", "doors", "seats", "options",
    "description", "lot", "list_price", "price", "photo_urls", "words",
)  # fmt: skip


def resource(*, group_id: int, site_id: int, at: datetime) -> resources.ModelResource:
    """A resource for the vehicles of one site."""

    class VehicleResource(resources.ModelResource):  # type: ignore[misc, type-arg]  # the library has no types
        options = fields.Field("options", "options", JSONWidget())
        photo_urls = fields.Field("photo_urls", "photo_urls", JSONWidget())
        list_price = fields.Field("list_price", "list_price", IntegerWidget())
        price = fields.Field("price", "price", IntegerWidget())

        class Meta:
            model = Vehicle
            fields = COLUMNS
            import_id_fields = ("feed_key",)
            instance_loader_class = CachedInstanceLoader
            use_bulk = True
            batch_size = 1_000
            skip_unchanged = True
            skip_diff = True
            skip_html_diff = True
            report_skipped = False
            use_transactions = True
            store_instance = False

        def get_queryset(self) -> Any:
            return Vehicle.objects.filter(group_id=group_id, site_id=site_id)

        def init_instance(self, row: Any = None) -> Vehicle:
            return Vehicle(
                id=new_id(),
                group_id=group_id,
                site_id=site_id,
                arrived_on=at.date(),
                created_at=at,
                updated_at=at,
            )

    return VehicleResource()


def write_ready(path: Path, rows: Iterable[Sequence[Any]]) -> Path:
    """A file of ready values for it to read."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return path


def load(path: Path, into: resources.ModelResource) -> tuple[int, int, int]:
    """Import the file; how many were new, changed and skipped."""
    dataset = Dataset().load(path.read_text(encoding="utf-8"), format="csv")
    result = into.import_data(dataset, raise_errors=True)
    return result.totals["new"], result.totals["update"], result.totals["skip"]
