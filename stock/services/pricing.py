"""Prices: whoever sets them goes down to the lowest one by himself; below it somebody must approve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from approvals.models import ApprovalRequest
from approvals.services import ask_for_approval
from core.money import spoken_cents
from sites.access import Member
from stock.access import PRICE
from stock.models import AskedPrice, Vehicle
from stock.services.checking import cleaned
from stock.services.lapsing import subject_of
from stock.services.refusals import ReasonMissing, VehicleGone
from stock.services.writing import check_seen, locked, write


@dataclass(frozen=True)
class Repriced:
    """The vehicle with its new price, or as it was with the request that somebody must answer first."""

    vehicle: Vehicle
    request: ApprovalRequest | None = None


def reprice(
    *,
    vehicle_id: UUID,
    cents: int,
    by: Member,
    at: datetime,
    reason: str = "",
    seen: Mapping[str, Any] | None = None,
) -> Repriced:
    """Set the price, or ask for it when it lies under the lowest one. In cents of the site's currency, with tax.

    `seen` is `{"price": …}` as the person had it before him.

    Raises:
        VehicleNotFound, StockNotAllowed.
        VehicleGone: it is sold, handed over or withdrawn.
        ChangedMeanwhile: a colleague set another price.
        ReasonMissing: below the lowest price, the one who decides wants to know why.
        ValidationError: no such amount.
        approvals.services.NobodyToAsk, approvals.services.AlreadyAsked.
    """
    price = cleaned({"price": cents})["price"]
    with transaction.atomic():
        vehicle = locked(vehicle_id, by, PRICE)
        if vehicle.is_gone:
            raise VehicleGone(vehicle_id)
        check_seen(vehicle, {"price": price}, seen)
        gap = (vehicle.min_price or 0) - price
        if gap > 0 and price != vehicle.price:
            return Repriced(vehicle, _ask(vehicle, price, gap, reason.strip(), by=by, at=at))
        write(vehicle, {"price": price}, by=by, at=at)
    return Repriced(vehicle)


def hold_vehicle(request: ApprovalRequest) -> None:
    """Lock the vehicle that a price is asked for, if it still stands."""
    asked = AskedPrice.objects.filter(request=request).first()
    if asked is not None:
        Vehicle.objects.select_for_update().filter(pk=asked.vehicle_id).first()


def set_approved_price(*, request: ApprovalRequest, by: Member, at: datetime) -> None:
    """Set the price that was asked for, in the decision's transaction.

    A vehicle that was sold, withdrawn or erased meanwhile keeps what it has: there is nothing left to price.
    """
    asked = AskedPrice.objects.filter(request=request).first()
    if asked is None:
        return
    vehicle = Vehicle.objects.select_for_update().get(pk=asked.vehicle_id)
    if not vehicle.is_gone:
        write(vehicle, {"price": asked.cents}, by=by, at=at, notes={"reason": ["", request.reason]})


def _ask(vehicle: Vehicle, price: int, gap: int, reason: str, *, by: Member, at: datetime) -> ApprovalRequest:
    from stock.approvals import RepriceApproval  # which sets the price by this very module

    if not reason:
        raise ReasonMissing(vehicle.pk)
    money = spoken_cents(price, vehicle.currency)
    named = " · ".join(part for part in (vehicle.label[:120], vehicle.stock_number, money) if part)
    request = ask_for_approval(
        kind=RepriceApproval,
        subject=subject_of(vehicle),
        about=named[:200],
        site=vehicle.site,
        cents=gap,
        reason=reason,
        by=by,
        at=at,
    )
    AskedPrice.objects.create(group_id=vehicle.group_id, request=request, vehicle=vehicle, cents=price)
    return request
