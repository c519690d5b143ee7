"""Everything that a vehicle's page shows one reader, read with a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from approvals.models import ApprovalRequest
from approvals.selectors import requests_about
from sites.access import Member
from stock import history, pricing_chart
from stock.access import ASK, EDIT, PRICE, SEE_LOWEST, SEE_MARGIN, TRANSFER
from stock.margins import holding_of, margin_of
from stock.models import OPEN_TRANSFERS, Cost, Document, Photo, Transfer, Vehicle
from stock.panels import filled_for
from stock.selectors import sites_to_go_to
from stock.services.lapsing import REPRICE, subject_of
from stock.services.states import needs_reason, steps_from
from stock.similar import similar_to

# Lines of the history that stand open.
RECENT = 6


@dataclass(frozen=True)
class Rights:
    """What the reader may do with this vehicle, on its site."""

    edit: bool
    price: bool
    lowest: bool
    margin: bool
    transfer: bool
    ask: bool


@dataclass(frozen=True)
class NextStep:
    """A status that may follow."""

    value: str
    label: str
    needs_reason: bool
    needs_day: bool


def rights_of(member: Member, vehicle: Vehicle) -> Rights:
    """One query."""
    site, could_go_to = vehicle.site_id, sites_to_go_to(vehicle)
    asks_at = member.site_ids(ASK) or frozenset()
    return Rights(
        edit=member.can(EDIT, site),
        price=member.can(PRICE, site) and not vehicle.is_gone,
        lowest=member.can(SEE_LOWEST, site),
        margin=member.can(SEE_MARGIN, site),
        transfer=member.can(TRANSFER, site) and not vehicle.is_gone and bool(could_go_to),
        ask=not vehicle.is_gone and any(other.pk in asks_at for other in could_go_to),
    )


def page_context(vehicle: Vehicle, member: Member, at: datetime) -> dict[str, Any]:
    """The whole page."""
    today = at.astimezone(vehicle.site.zone).date()
    rights = rights_of(member, vehicle)
    changes = history.changes_of(vehicle)
    lines = history.lines_of(vehicle, changes, member)
    return {
        "vehicle": vehicle,
        "subject": subject_of(vehicle),
        "rights": rights,
        "today": today,
        "age": vehicle.age_on(today),
        "steps": next_steps(vehicle) if rights.edit else [],
        "photos": list(Photo.objects.filter(vehicle=vehicle)),
        "transfer": _open_transfer(vehicle),
        "asked": _asked(vehicle),
        "lines": lines[:RECENT],
        "older_lines": lines[RECENT:],
        "similar": similar_to(vehicle),
        "panels": filled_for(vehicle, member, at),
        "documents": _documents(vehicle, rights),
        **_prices(vehicle, changes, at),
        **(_money(vehicle, today) if rights.margin else {}),
    }


def next_steps(vehicle: Vehicle) -> list[NextStep]:
    """Where the vehicle may go from here."""
    return [
        NextStep(
            value=status.value,
            label=str(status.label),
            needs_reason=needs_reason(vehicle.status, status),
            needs_day=status.value == "sold" and vehicle.sold_at is None,
        )
        for status in steps_from(vehicle.status)
    ]


def _open_transfer(vehicle: Vehicle) -> Transfer | None:
    rows = Transfer.objects.filter(vehicle=vehicle, state__in=OPEN_TRANSFERS)
    return rows.select_related("to_site", "from_site").first()


def _asked(vehicle: Vehicle) -> ApprovalRequest | None:
    """The price that waits for somebody's approval."""
    rows = requests_about(subject_of(vehicle)).filter(kind=REPRICE, status="pending")
    return rows.select_related("asked_price").first()


def _documents(vehicle: Vehicle, rights: Rights) -> list[Document]:
    rows = Document.objects.filter(vehicle=vehicle).select_related("added_by")
    return list(rows if rights.margin else rows.filter(shows_margin=False))


def _prices(vehicle: Vehicle, changes: list[Any], at: datetime) -> dict[str, Any]:
    prices = pricing_chart.prices_of(vehicle, changes)
    return {"prices": prices[::-1], "chart": pricing_chart.chart_of(prices, vehicle.sold_at or at)}


def _money(vehicle: Vehicle, today: date) -> dict[str, Any]:
    costs = list(Cost.objects.filter(vehicle=vehicle).select_related("added_by"))
    return {
        "costs": costs,
        "costs_total": sum(cost.cents for cost in costs),
        "margin": margin_of(vehicle, costs, today),
        "holding": holding_of(vehicle, today),
    }
