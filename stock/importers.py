"""Vehicles from files: what feeds of dealers, makers and portals bring, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.vin import tidy_vin
from core.words import fold
from imports.days import Day
from imports.declarations import Field, Importer, Known, Layout, Setting, Values
from imports.models import Priority
from imports.readers import Choice, Currency, Items, Links, Money, OneOf, Reader, Text, Whole, Year, YesNo
from stock import feed_words as words
from stock.feed_headers import HEADERS, VAGUE
from stock.identity import (
    HORSEPOWER,
    MILE,
    NO_VIN,
    PLATE_LENGTH,
    InKilometres,
    Make,
    Mileage,
    Power,
    Price,
    Vin,
    plate_of,
    stock_number_of,
)
from stock.models import (
    GONE,
    Fuel,
    Gearbox,
    Kind,
    Segment,
    VatScheme,
    Vehicle,
    VehicleChange,
    VehicleStatus,
)
from stock.models.vehicles import SEARCHED, WORDS_LENGTH, spread
from stock.signals import StockChanged, VehiclesErased, stock_changed, vehicles_erased


def _field(name: str, label: Any, reader: Reader, **rest: Any) -> Field:
    return Field(name, label, reader, HEADERS.get(name, ()), VAGUE.get(name, ()), **rest)


_SOLD = (VehicleStatus.SOLD, VehicleStatus.DELIVERED)

_FIELDS = (
    _field("stock_number", _("stock number"), Text(40, stock_number_of)),
    _field("vin", _("VIN"), Vin(), priority=Priority.PERSON),
    _field("plate", _("plate"), Text(PLATE_LENGTH, plate_of), priority=Priority.PERSON),
    _field("site", _("site"), OneOf(), priority=Priority.PERSON),
    _field("kind", _("kind"), Choice(Kind, words.KINDS)),
    _field("is_new", _("new (yes or no)"), YesNo(Kind.NEW.value, Kind.USED.value), column="kind"),
    _field("is_used", _("used (yes or no)"), YesNo(Kind.USED.value, Kind.NEW.value), column="kind"),
    _field("sold", _("sold (yes or no)"), YesNo(VehicleStatus.SOLD.value, None), column="status"),
    _field("reserved", _("reserved (yes or no)"), YesNo(VehicleStatus.RESERVED.value, None), column="status"),
    _field(
        "status",
        _("status"),
        Choice(VehicleStatus, words.STATUSES, words.NOT_FOR_SALE),
        priority=Priority.PERSON,
    ),
    _field("make", _("make"), Make(), required=True),
    _field("model", _("model"), Text(80), required=True),
    _field("version", _("version"), Text(160), clears=True),
    _field("segment", _("segment"), Choice(Segment, words.SEGMENTS)),
    _field("fuel", _("fuel"), Choice(Fuel, words.FUELS)),
    _field("gearbox", _("gearbox"), Choice(Gearbox, words.GEARBOXES, by_first_word=True)),
    _field("power", _("power (hp)"), Power(1, 3000)),
    _field("power_kw", _("power (kW)"), Whole(1, 3000, HORSEPOWER), column="power"),
    _field("co2", _("CO₂ (g/km)"), Whole(0, 1000)),
    _field("mileage_unit", _("unit of the mileage"), InKilometres(), column="mileage"),
    _field("mileage", _("mileage (km)"), Mileage(0, 2_000_000)),
    _field("mileage_miles", _("mileage (miles)"), Whole(0, 2_000_000, MILE), column="mileage"),
    _field("first_registration", _("first registration"), Day()),
    _field("year", _("model year"), Year()),
    _field("colour", _("colour"), Text(60), clears=True),
    _field("doors", _("doors"), Whole(0, 9)),
    _field("seats", _("seats"), Whole(0, 99)),
    _field("options", _("options"), Items(), clears=True, several=True),
    _field("description", _("description"), Text(20_000), clears=True),
    _field("lot", _("place in the yard"), Text(40), priority=Priority.PERSON),
    _field("list_price", _("list price"), Money(with_tax=True), clears=True),
    _field("currency", _("currency"), Currency(), column="price"),
    _field("offer_price", _("special price"), Price(with_tax=True), column="price", clears=True),
    _field("price", _("price"), Price(with_tax=True), clears=True),
    _field("min_price", _("lowest price"), Money(with_tax=True), clears=True, needs="stock.see_lowest_price"),
    _field("purchase_price", _("purchase price"), Money(), clears=True, needs="stock.see_margin"),
    _field("vat_scheme", _("VAT"), Choice(VatScheme, words.VAT_SCHEMES)),
    _field("photo_urls", _("photos"), Links(), clears=True, several=True),
    _field("arrived_on", _("in stock since"), Day()),
)

# The positions of the portal's CSV format that carry what we keep: ours to correct in the preview.
_MOBILE_DE = Layout(
    "mobile.de",
    least=60,
    fields={
        2: "stock_number", 3: "segment", 4: "make", 5: "model", 6: "power_kw", 9: "first_registration",
        10: "mileage", 11: "price", 12: "vat_scheme", 15: "vin", 17: "colour", 26: "description",
    },
)  # fmt: skip


class VehicleImporter(Importer):
    """The stock of a dealer's system, a maker, a portal."""

    key = "stock.vehicles"
    version = 3  # 1 took « 15,990 » for sixteen, 2 did not look at currencies
    name = _("Vehicles")
    model = Vehicle
    history = VehicleChange
    fields = _FIELDS
    known_by = (
        Known("n", ("stock_number",), lambda text: stock_number_of(" ".join(text.upper().split()))),
        Known("v", ("vin",), tidy_vin, lambda vin: len(vin) == 17 and vin not in NO_VIN),
        Known("p", ("plate",), plate_of),
        Known("d", ("make", "model", "version", "first_registration", "colour"), fold),
    )
    adopted_by = "vin"
    claimed_by = "stock_number"
    stands_on = "site"
    untouchable = ("status", tuple(str(status) for status in GONE))
    derived = ("words", "sold_at")
    derived_from = (*SEARCHED, "status")
    follows = {"sold_at": "status"}
    touched = "updated_at"
    withdrawal = {"status": VehicleStatus.WITHDRAWN.value}
    layouts = (_MOBILE_DE,)
    sentences = {
        "vin_length": _(
            "A VIN has 17 characters, this one has %(length)s. Leave it empty if you do not know it."
        ),
        "vin_letters": _("A VIN has no I, O or Q: they are most often a 1 or a 0."),
        "vin_characters": _("A VIN has letters and digits only."),
        "vin_check_digit": _("One character of this VIN is wrong: its check digit does not fit."),
        "vin_doubtful": _("VIN whose check digit does not fit (allowed outside North America)"),
        "price_odd": _("Price that is very low for a vehicle"),
        "other_unit": _("The mileage of this row is not in kilometres."),
    }

    @classmethod
    def defaults(cls, setting: Setting) -> Values:
        """On the feed's first site, available, used, in stock since the site's today."""
        site = setting.sites[0]
        return {
            "site": site.pk,
            "kind": Kind.USED.value,
            "status": VehicleStatus.AVAILABLE.value,
            "arrived_on": setting.at.astimezone(site.zone).date(),
            "created_at": setting.at,
        }

    @classmethod
    def derive(cls, values: Values, setting: Setting) -> Values:
        """What a search finds it by, and when it was sold if the feed says that it is."""
        return {"words": _words(values), "sold_at": setting.at if values["status"] in _SOLD else None}

    @classmethod
    def label_of(cls, row: Any) -> str:
        return f"{row.short_label} {row.stock_number}".strip()

    @classmethod
    def changed(cls, *, group_id: int, at: datetime, by_id: int | None) -> None:
        """One fact for all: whoever watches the stock looks at what was updated since he last did."""
        stock_changed.send(StockChanged(group_id=group_id, occurred_at=at, actor_id=by_id))

    @classmethod
    def finished(cls, setting: Setting) -> None:
        """The photos whose addresses came with the rows are fetched now, not at the next sweep."""
        from stock.photo_tasks import hint  # which opens pictures: nothing that an import needs

        group_id = setting.feed.group_id
        # No `partial`: what Django says of a callback that failed asks for its name.
        transaction.on_commit(lambda: hint(group_id), robust=True)

    @classmethod
    def erasing(cls, ids: Sequence[UUID], *, group_id: int, at: datetime, by_id: int | None) -> None:
        """Nothing that was told of these leads anywhere any more."""
        vehicles_erased.send(
            VehiclesErased(group_id=group_id, occurred_at=at, actor_id=by_id, vehicle_ids=tuple(ids))
        )


def _words(values: Values) -> str:
    """The same as `words_of`, with what was folded once remembered: models and colours come again and again."""
    words = ["", *_spread_once(*[values[name] for name in _SHARED_FIRST])]
    for name in _OWN:
        value = values[name]
        if value:
            words += [value.lower()] if value.isalnum() and value.isascii() else spread(fold(value))
    words += _spread_once(*[values[name] for name in _SHARED_LAST])
    return " ".join(dict.fromkeys(words))[:WORDS_LENGTH]


# SEARCHED in its three parts: what many vehicles have in common stands around what each has alone.
_SHARED_FIRST, _OWN, _SHARED_LAST = SEARCHED[:2], SEARCHED[2:5], SEARCHED[5:]


@lru_cache(maxsize=20_000)
def _spread_once(*values: str | int | None) -> tuple[str, ...]:
    return tuple(word for value in values if value for word in spread(fold(str(value))))
