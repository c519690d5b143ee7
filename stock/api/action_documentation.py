"""The OpenAPI description of the buttons: arguments for `extend_schema`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from sites.api import problems as p
from sites.api.schema import problems, ref
from stock.api.action_shapes import HighlightOut, RefusalBody, TransferOut

JSON = "application/json"
TAGS = ["stock"]

TRANSFER_MOVED = p.Kind("transfer-moved", 409, _("Somebody has answered this."))
VEHICLE_GONE = p.Kind(
    "vehicle-gone",
    409,
    _("The vehicle is gone."),
    _("This vehicle is sold or withdrawn: it no longer changes site."),
)

_ANSWER: dict[str, Any] = {
    "tags": TAGS,
    "description": _(
        "For signed-in staff of the site where the vehicle stands. The first answer stands; whoever comes later gets "
        "409 with `state`. The same answer by the same person again changes nothing."
    ),
    "auth": [{"session": []}],
}
_REFUSALS = (p.NOT_AUTHENTICATED, p.CSRF_FAILED, p.NOT_ALLOWED, p.NOT_FOUND)

ACCEPT: dict[str, Any] = {
    **_ANSWER,
    "operation_id": "stock_transfer_accept",
    "summary": _("Give a vehicle to another site"),
    "request": None,
    "responses": {(200, JSON): ref(TransferOut), **problems(*_REFUSALS, TRANSFER_MOVED, VEHICLE_GONE)},
}
REFUSE: dict[str, Any] = {
    **_ANSWER,
    "operation_id": "stock_transfer_refuse",
    "summary": _("Keep a vehicle that another site asks for"),
    "request": {JSON: ref(RefusalBody)},
    "responses": {
        (200, JSON): ref(TransferOut),
        **problems(
            p.INVALID_JSON,
            p.INVALID_BODY,
            *_REFUSALS,
            TRANSFER_MOVED,
            p.TOO_LARGE,
            p.UNSUPPORTED_MEDIA_TYPE,
        ),
    },
}
HIGHLIGHT: dict[str, Any] = {
    "operation_id": "stock_vehicle_highlight",
    "tags": TAGS,
    "summary": _("Highlight a vehicle"),
    "description": _(
        "For signed-in staff: puts it in front, in lists and on the website. Again changes nothing."
    ),
    "auth": [{"session": []}],
    "request": None,
    "responses": {(200, JSON): ref(HighlightOut), **problems(*_REFUSALS, VEHICLE_GONE)},
}
