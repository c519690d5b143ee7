"""The OpenAPI description of the stock for staff: arguments for `extend_schema`."""

from __future__ import annotations

from typing import Any, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter

from sites.api import problems as p
from sites.api.schema import problems, ref
from stock.api.list_shapes import StockListOut, StockVehicleDetailOut
from stock.filters import ANY_STATUS
from stock.models import Fuel, Gearbox, Kind, Segment, VehicleStatus
from stock.searching import LONGEST
from stock.sorting import DEFAULT, MAX_PAGE_SIZE, PAGE_SIZE, SORTS

JSON = "application/json"
TAGS = ["stock"]
Schema = dict[str, Any]

# People type them with blanks and points; a schema that allowed those would be a riddle.
_NUMBER: Schema = {"type": "string", "maxLength": 20}


def _query(name: str, description: str | Promise, schema: Schema | None = None) -> OpenApiParameter:
    said = cast("str", description)
    return OpenApiParameter(name=name, description=said, required=False, type=schema or str)


def _some(name: str, description: str | Promise, values: list[str] | None = None) -> OpenApiParameter:
    """A parameter that may be repeated: any of its values will do."""
    one: Schema = {"type": "string", "enum": values} if values else {"type": "string", "maxLength": 80}
    return _query(name, description, {"type": "array", "items": one})


def _flag(name: str, description: str | Promise) -> OpenApiParameter:
    return _query(name, description, {"type": "boolean"})


_FILTERS = [
    _query(
        "q", _("Words in any order; typing faults are corrected"), {"type": "string", "maxLength": LONGEST}
    ),
    _flag("exact", _("Search the words as they are typed")),
    _some("site", _("Short names of sites, e.g. `lyon`")),
    _some("kind", _("New, used, demonstration"), Kind.values),
    _some("status", _("Without it: whatever may be sold"), [*VehicleStatus.values, ANY_STATUS]),
    _some("make", _("Makes, as they are written")),
    _some("model", _("Models, as they are written")),
    _some("segment", _("Segments"), Segment.values),
    _some("fuel", _("Fuels"), Fuel.values),
    _some("gearbox", _("Gearboxes"), Gearbox.values),
    _query("colour", _("Beginning of a word of the colour"), {"type": "string", "maxLength": 60}),
    _query("price_from", _("Lowest price, in the site's currency"), _NUMBER),
    _query("price_to", _("Highest price, in the site's currency"), _NUMBER),
    _query("mileage_to", _("Highest mileage, in kilometres"), _NUMBER),
    _query("year_from", _("Earliest year"), _NUMBER),
    _query("year_to", _("Latest year"), _NUMBER),
    _query("power_from", _("Least horsepower (DIN)"), _NUMBER),
    _query("power_to", _("Most horsepower (DIN)"), _NUMBER),
    _query("co2_to", _("Most CO₂, in grams a kilometre"), _NUMBER),
    _query("seats_from", _("Fewest seats"), _NUMBER),
    _query("age_from", _("Fewest days in stock"), _NUMBER),
    _query("age_to", _("Most days in stock"), _NUMBER),
    _flag("margin", _("Only under the margin scheme")),
    _flag("no_price", _("Only without price")),
    _flag("no_photo", _("Only without photo")),
    _flag("highlighted", _("Only highlighted ones")),
]

LIST: dict[str, Any] = {
    "operation_id": "stock_list",
    "tags": TAGS,
    "summary": _("List the stock"),
    "description": _(
        "A page of the group's vehicles, for signed-in staff: the filter, the search and the orders of the page "
        "“Stock”. Prices that you may not see are null."
    ),
    "auth": [{"session": []}],
    "parameters": [
        *_FILTERS,
        _query("sort", _("Order"), {"type": "string", "enum": [*SORTS], "default": DEFAULT.key}),
        _query("cursor", _("From `next` of the page before")),
        _query(
            "limit",
            _("Vehicles a page"),
            {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE},
        ),
    ],
    "responses": {
        (200, JSON): ref(StockListOut),
        **problems(p.INVALID_PARAMETERS, p.NOT_AUTHENTICATED, p.NOT_ALLOWED),
    },
}

DETAIL: dict[str, Any] = {
    "operation_id": "stock_read",
    "tags": TAGS,
    "summary": _("Read a vehicle"),
    "description": _("One vehicle of the group, for signed-in staff."),
    "auth": [{"session": []}],
    "responses": {
        (200, JSON): ref(StockVehicleDetailOut),
        **problems(p.NOT_AUTHENTICATED, p.NOT_ALLOWED, p.NOT_FOUND),
    },
}
