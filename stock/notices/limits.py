"""Too few of a segment, and vehicles that stand too long."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.money import spoken_cents
from core.signals import Fact
from notifications.audiences import roles
from notifications.choices import EMAIL, IN_APP, NOTHING, Cadence
from notifications.declarations import Action, Notice, values_of
from stock.access import EDIT, VIEW
from stock.ageing import Deed
from stock.notices.category import SAMPLE, SAMPLE_VEHICLE, STOCK
from stock.segments import counted, kind_name
from stock.signals import (
    AgedVehicleDealtWith,
    SegmentFellShort,
    SegmentWellAgain,
    VehicleAged,
    VehicleFact,
    VehiclesAged,
    aged_vehicle_dealt_with,
    segment_fell_short,
    segment_well_again,
    vehicle_aged,
    vehicles_aged,
)
from stock.thresholds import SET_LIMITS


class SegmentFellShortNotice(Notice[SegmentFellShort]):
    """Whoever buys hears what is missing and what sells, once a spell (M18)."""

    key = "stock.segment_fell_short"
    name = _("Stock under its threshold")
    category = STOCK
    signal = segment_fell_short
    audience = roles("purchasing_manager", "used_car_manager", "site_manager")
    needs = SET_LIMITS
    subject = "threshold:{threshold_id}:{spell}"
    title = _("{site_name}: {there_are}, {enough} wanted")
    body = _("{kind_said} · {to_buy} · {sold_said}")
    sms = _("{site_name}: {there_are}, {enough} wanted")
    url = "/stock/thresholds/?site={site_slug}"
    actions = (Action(key="buy", label=_("What to buy")),)
    channels = {"purchasing_manager": IN_APP | EMAIL, "used_car_manager": NOTHING, "site_manager": NOTHING}
    recaps = {"purchasing_manager": Cadence.DAILY}
    closes_on = segment_well_again
    closed_text = _("Well again: {there_are}")
    sample = SegmentFellShort(
        **SAMPLE,
        threshold_id=1,
        spell=1,
        segment="city",
        kind="used",
        site_name="Lyon",
        site_slug="lyon",
        count=3,
        least=5,
        enough=8,
        sold=(("Renault Clio", 4), ("Peugeot 208", 3), ("Citroën C3", 2)),
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With the numbers in words, in the reader's language."""
        told = cast("SegmentFellShort | SegmentWellAgain", fact)
        said = {"there_are": counted(told.segment, told.count), "kind_said": kind_name(told.kind)}
        if isinstance(told, SegmentFellShort):
            said |= {"to_buy": _to_buy(told), "sold_said": _sold(told)}
        return {**values_of(fact), **said}


class VehiclesAgedNotice(Notice[VehiclesAged]):
    """One alert a site and morning, however many have grown old (M21)."""

    key = "stock.vehicles_aged"
    name = _("Vehicles that have passed an age limit")
    category = STOCK
    signal = vehicles_aged
    audience = roles("salesperson", "site_manager", "used_car_manager", "stock_manager")
    needs = VIEW
    subject = "ageing:{site_id}:{day}"
    title = "{headline}"
    body = "{said_lines}"
    sms = "{headline}"
    url = "/stock/ageing/?site={site_slug}"
    actions = (Action(key="see", label=_("See the board")),)
    channels = {
        "salesperson": IN_APP | EMAIL,
        "site_manager": IN_APP | EMAIL,
        "used_car_manager": IN_APP,
        "stock_manager": IN_APP,
    }
    recaps = {"salesperson": Cadence.DAILY, "site_manager": Cadence.DAILY}
    sample = VehiclesAged(
        **SAMPLE,
        day=date(2026, 3, 2),
        site_name="Lyon",
        site_slug="lyon",
        count=7,
        lines=(("Peugeot 308 2021", 91), ("Renault Kadjar 2020", 62), ("Fiat 500 2022", 45)),
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With the number, and the oldest by name."""
        told = cast("VehiclesAged", fact)
        headline = ngettext(
            "%(site)s: %(n)d vehicle grows old", "%(site)s: %(n)d vehicles grow old", told.count
        ) % {"site": told.site_name, "n": told.count}
        return {**values_of(fact), "headline": headline, "said_lines": _aged_lines(told)}


class VehicleAgedNotice(Notice[VehicleAged]):
    """Past the last limit: the site's manager does something about this one car."""

    key = "stock.vehicle_aged"
    name = _("A vehicle has passed the last age limit")
    category = STOCK
    signal = vehicle_aged
    audience = roles("site_manager", "used_car_manager")
    needs = EDIT
    subject = "aged:{vehicle_id}:{limit}"
    title = _("{days} days in stock: {vehicle}")
    body = _("{money} · {site_name} · {what_now}")
    sms = _("{days} days in stock: {vehicle}")
    url = "/stock/{vehicle_id}/"
    actions = (
        Action(key="reprice", label=_("Change its price")),
        Action(key="highlight", label=_("Highlight"), post="/api/v1/stock/vehicles/{vehicle_id}/highlight/"),
    )
    channels = {"site_manager": IN_APP | EMAIL, "used_car_manager": NOTHING}
    recaps = {"site_manager": Cadence.DAILY}
    closes_on = aged_vehicle_dealt_with
    closed_text = "{deed_said}"
    sample = VehicleAged(**{**SAMPLE_VEHICLE, "site_name": "Lyon"}, days=91, limit=90)

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With the price and what was done in words."""
        told = cast("VehicleFact", fact)
        money = "" if told.price is None else spoken_cents(told.price, told.currency)
        said = {"money": money, "what_now": gettext("Reprice, highlight or transfer it")}
        if isinstance(told, AgedVehicleDealtWith):
            said["deed_said"] = _deed(told.deed)
        return {**values_of(fact), **said}


def _to_buy(fact: SegmentFellShort) -> str:
    missing = fact.enough - fact.count
    return ngettext("%(n)d to buy", "%(n)d to buy", missing) % {"n": missing}


def _sold(fact: SegmentFellShort) -> str:
    if not fact.sold:
        return gettext("none sold in 30 days")
    models = ", ".join(f"{model} ({number})" for model, number in fact.sold)
    return gettext("sold in 30 days: %(models)s") % {"models": models}


def _aged_lines(fact: VehiclesAged) -> str:
    lines = [
        gettext("%(vehicle)s (%(days)d d)") % {"vehicle": name, "days": days} for name, days in fact.lines
    ]
    others = fact.count - len(lines)
    if others > 0:
        lines.append(ngettext("%(n)d other", "%(n)d others", others) % {"n": others})
    return " · ".join(lines)


def _deed(deed: str) -> str:
    return {
        Deed.GONE: gettext("No longer in stock"),
        Deed.MOVED: gettext("Moved to another site"),
        Deed.REPRICED: gettext("Its price was changed"),
        Deed.HIGHLIGHTED: gettext("Highlighted"),
    }[Deed(deed)]
