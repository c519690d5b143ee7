"""What those who set prices ask their managers for, and who answers up to which gap."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from approvals.kinds import ApprovalKind, above, up_to
from approvals.models import ApprovalRequest, Status
from sites.access import Member
from sites.models import User
from sites.roles import Role
from stock.access import SEE_LOWEST
from stock.models import AskedPrice, Vehicle
from stock.services.lapsing import REPRICE, lapse_with_vehicle
from stock.services.pricing import hold_vehicle, set_approved_price
from stock.signals import VehiclesErased, vehicles_erased


class RepriceApproval(ApprovalKind):
    """A price under the lowest one. The amount is the gap between the two, in cents of the site's currency."""

    key = REPRICE
    name = _("Price below the lowest price")
    icon = "tag"
    amount_needs = SEE_LOWEST  # with the price that is asked for, the gap gives the lowest one away
    ladder = (
        up_to(500_00, Role.SALES_MANAGER),
        up_to(2_000_00, Role.SITE_MANAGER),
        above(Role.GROUP_DIRECTOR),
    )

    @classmethod
    def path_of(cls, subject: str) -> str:
        return reverse("stock:detail", args=[UUID(subject.removeprefix("vehicle:"))])

    @classmethod
    def hold(cls, request: ApprovalRequest) -> None:
        hold_vehicle(request)

    @classmethod
    def approve(cls, request: ApprovalRequest, *, by: Member, at: datetime) -> None:
        set_approved_price(request=request, by=by, at=at)


@vehicles_erased.connect
def lapse_with_erased(fact: VehiclesErased) -> None:
    """Nobody decides about the price of a vehicle that is erased; in the erasure's own transaction."""
    asked = AskedPrice.objects.filter(vehicle_id__in=fact.vehicle_ids, request__status=Status.PENDING)
    doomed = Vehicle.objects.select_for_update().filter(pk__in=asked.values("vehicle_id"))
    by = User.objects.filter(pk=fact.actor_id).first() if fact.actor_id else None
    for vehicle in doomed.order_by("pk"):
        lapse_with_vehicle(vehicle, by=by, at=fact.occurred_at)
