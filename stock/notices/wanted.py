"""What came in for somebody's customers."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.signals import Fact
from notifications.audiences import person
from notifications.choices import IN_APP, PUSH
from notifications.declarations import Action, Notice, values_of
from stock.notices.category import SAMPLE, STOCK
from stock.signals import MatchesFound, matches_found
from stock.wanting import WANT


class MatchesFoundNotice(Notice[MatchesFound]):
    """One alert a morning for a salesperson, each match told once (M51)."""

    key = "stock.matches_found"
    name = _("Vehicles that your customers look for")
    category = STOCK
    signal = matches_found
    audience = person("salesperson_id")
    needs = WANT
    subject = "wanted:{salesperson_id}:{day}"
    title = "{headline}"
    body = "{said_lines}"
    sms = "{headline}"
    url = "{path}"
    actions = (Action(key="see", label=_("See them")),)
    channels = dict.fromkeys(
        (
            "salesperson",
            "sales_manager",
            "used_car_manager",
            "purchasing_manager",
            "stock_manager",
            "site_manager",
            "group_director",
            "call_agent",
        ),
        IN_APP | PUSH,
    )
    sample = MatchesFound(
        **SAMPLE,
        day=date(2026, 3, 2),
        salesperson_id=1,
        count=4,
        searches=3,
        lines=(
            ("Peugeot 208 2023", "Paul Martin"),
            ("Renault Captur 2022", "Inès Roux"),
            ("Dacia Duster 2021", "Jean Petit"),
        ),
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With the number in words; what is only one vehicle is named, and opened, at once."""
        told = cast("MatchesFound", fact)
        path = f"/stock/{told.vehicle_id}/" if told.vehicle_id else "/stock/wanted/"
        return {**values_of(fact), "headline": _headline(told), "said_lines": _lines(told), "path": path}


def _headline(fact: MatchesFound) -> str:
    if fact.vehicle_id and fact.lines:
        vehicle, customer = fact.lines[0]
        return gettext("For %(customer)s: %(vehicle)s") % {"customer": customer, "vehicle": vehicle}
    return ngettext(
        "%(n)d vehicle that your customers look for",
        "%(n)d vehicles that your customers look for",
        fact.count,
    ) % {"n": fact.count}


def _lines(fact: MatchesFound) -> str:
    if fact.vehicle_id and fact.searches == 1:
        return gettext("It fits what your customer looks for: offer it today.")
    lines = [
        gettext("%(vehicle)s for %(customer)s") % {"vehicle": vehicle, "customer": customer}
        for vehicle, customer in fact.lines
    ]
    others = fact.count - len(lines)
    if others > 0:
        lines.append(ngettext("%(n)d other", "%(n)d others", others) % {"n": others})
    return " · ".join(lines)
