"""What the stock table can show and its files can hold: one line here for each column.

`text` is for people, in their language and with units; `value` is for spreadsheets, where a price is a number.
A column that `needs` a permission is empty for vehicles of sites where the reader does not hold it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.money import spoken_cents
from core.spreadsheets import Value
from sites.access import Member
from stock.access import SEE_LOWEST, SEE_MARGIN
from stock.models import Vehicle

# Figures stand to the right, below each other.
FIGURE = "n"


@dataclass(frozen=True)
class Column:
    """One column. `sorts` are the orders that its head offers, the natural one first; `shape` is how it looks.

    A page holds each class fifty times over: only what looks different has one.
    """

    key: str
    label: str | Promise
    text: Callable[[Vehicle, date], str]
    value: Callable[[Vehicle, date], Value]
    needs: str = ""
    shape: str = ""
    is_on_screen: bool = True
    sorts: tuple[str, ...] = ()


def _plain(name: str) -> Callable[[Vehicle, date], str]:
    return lambda vehicle, _today: str(getattr(vehicle, name) or "")


def _choice(name: str) -> Callable[[Vehicle, date], str]:
    return lambda vehicle, _today: str(getattr(vehicle, f"get_{name}_display")())


def _text(key: str, label: str | Promise, name: str, *, is_on_screen: bool = True) -> Column:
    return Column(key, label, _plain(name), _plain(name), is_on_screen=is_on_screen)


def _listed(key: str, label: str | Promise) -> Column:
    return Column(key, label, _choice(key), _choice(key))


def _cents(vehicle: Vehicle, name: str) -> int | None:
    return gap_of(vehicle) if name == "gap" else getattr(vehicle, name)


def gap_of(vehicle: Vehicle) -> int | None:
    """What the price stands above the purchase price, with tax and before costs, in cents."""
    if vehicle.price is None or vehicle.purchase_price is None:
        return None
    return vehicle.price - vehicle.purchase_price


def _money(key: str, label: str | Promise, *, needs: str = "", sorts: tuple[str, ...] = ()) -> Column:
    def text(vehicle: Vehicle, _today: date) -> str:
        cents = _cents(vehicle, key)
        return "" if cents is None else spoken_cents(cents, vehicle.currency)

    def value(vehicle: Vehicle, _today: date) -> Value:
        cents = _cents(vehicle, key)
        return None if cents is None else Decimal(cents) / 100

    return Column(
        key, label, text, value, needs=needs, shape="price" if key == "price" else FIGURE, sorts=sorts
    )


def _figure(key: str, label: str | Promise, unit: str | Promise, *, sorts: tuple[str, ...] = ()) -> Column:
    """A whole number; `unit` holds « %(n)s »."""

    def text(vehicle: Vehicle, _today: date) -> str:
        figure = getattr(vehicle, key)
        return "" if figure is None else str(unit) % {"n": number_format(figure, force_grouping=True)}

    return Column(key, label, text, lambda vehicle, _today: getattr(vehicle, key), shape=FIGURE, sorts=sorts)


def _day(key: str, label: str | Promise) -> Column:
    def text(vehicle: Vehicle, _today: date) -> str:
        day = getattr(vehicle, key)
        return date_format(day, "SHORT_DATE_FORMAT") if day else ""

    return Column(key, label, text, lambda vehicle, _today: getattr(vehicle, key))


def _year(vehicle: Vehicle, _today: date) -> int | None:
    return vehicle.known_year


def _age(vehicle: Vehicle, today: date) -> int:
    return vehicle.age_on(today)


def spoken_age(vehicle: Vehicle, today: date) -> str:
    """« 12 d »."""
    return _("%(n)d d") % {"n": _age(vehicle, today)}


def _site(vehicle: Vehicle, _today: date) -> str:
    return str(vehicle.site.name)


COLUMNS = (
    _text("stock_number", gettext_lazy("Stock number"), "stock_number", is_on_screen=False),
    _text("make", gettext_lazy("Make"), "make", is_on_screen=False),
    _text("model", gettext_lazy("Model"), "model", is_on_screen=False),
    _text("version", gettext_lazy("Version"), "version", is_on_screen=False),
    _money("price", gettext_lazy("Price"), sorts=("cheapest", "dearest")),
    _figure("mileage", gettext_lazy("Mileage"), gettext_lazy("%(n)s km"), sorts=("fewest_km", "most_km")),
    Column(
        "year",
        gettext_lazy("Year"),
        lambda vehicle, _today: str(vehicle.known_year or ""),
        _year,
        shape=FIGURE,
        sorts=("youngest", "eldest"),
    ),
    _listed("fuel", gettext_lazy("Fuel")),
    _listed("gearbox", gettext_lazy("Gearbox")),
    Column("site", gettext_lazy("Site"), _site, _site, shape="site"),
    Column("age", gettext_lazy("In stock"), spoken_age, _age, shape=FIGURE, sorts=("newest", "oldest")),
    _listed("status", gettext_lazy("Status")),
    _listed("kind", gettext_lazy("Kind")),
    _listed("segment", gettext_lazy("Segment")),
    _figure("power", gettext_lazy("Power"), gettext_lazy("%(n)s hp")),
    _figure("co2", gettext_lazy("CO₂"), gettext_lazy("%(n)s g/km")),
    _text("colour", gettext_lazy("Colour"), "colour"),
    _figure("seats", gettext_lazy("Seats"), pgettext_lazy("vehicle", "%(n)s seats")),
    _figure("doors", gettext_lazy("Doors"), pgettext_lazy("vehicle", "%(n)s doors")),
    _day("first_registration", gettext_lazy("First registration")),
    _day("arrived_on", gettext_lazy("In stock since")),
    _text("plate", gettext_lazy("Plate"), "plate"),
    _text("vin", gettext_lazy("VIN"), "vin"),
    _text("lot", gettext_lazy("Place in the yard"), "lot"),
    _listed("vat_scheme", gettext_lazy("VAT")),
    _money("list_price", gettext_lazy("List price")),
    _money("min_price", gettext_lazy("Lowest price"), needs=SEE_LOWEST),
    _money("purchase_price", gettext_lazy("Purchase price"), needs=SEE_MARGIN),
    _money("gap", gettext_lazy("Price less purchase"), needs=SEE_MARGIN),
)
BY_KEY = {column.key: column for column in COLUMNS}

# What everybody sees until he chooses; the price is always there. The gearbox stands below the fuel, and a status that
# is out of the ordinary beside the name.
USUAL = ("price", "mileage", "year", "fuel", "site", "age")
ALWAYS = ("price",)


def columns_for(member: Member) -> list[Column]:
    """Those that the person may choose from for his screen."""
    return [column for column in COLUMNS if column.is_on_screen and _is_open(column, member)]


def chosen(member: Member, keys: Collection[str] | None) -> list[Column]:
    """The columns of his table, in the order of `COLUMNS`; what he may not see any more is left out."""
    wanted = {*ALWAYS, *(USUAL if keys is None else keys)}
    return [column for column in columns_for(member) if column.key in wanted]


def in_file(member: Member, shown: Sequence[Column]) -> list[Column]:
    """The columns of his file: what says which vehicle it is, and what his table shows."""
    keys = {column.key for column in shown}
    return [
        column
        for column in COLUMNS
        if (not column.is_on_screen or column.key in keys) and _is_open(column, member)
    ]


def may_read(column: Column, member: Member, site_id: int) -> bool:
    """Whether the person sees this column of a vehicle that stands on the site."""
    return not column.needs or member.can(column.needs, site_id)


def _is_open(column: Column, member: Member) -> bool:
    return not column.needs or member.can(column.needs)
