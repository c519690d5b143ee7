"""What those who set prices ask their managers for, and who answers up to which gap."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from approvals.kinds import ApprovalKind, above, up_to
from approvals.models import ApprovalRequest
from sites.access import Member
from sites.roles import Role
from stock.services.pricing import set_approved_price


class RepriceApproval(ApprovalKind):
    """A price under the lowest one. The amount is the gap between the two, in cents of the site's currency."""

    key = "stock.reprice"
    name = _("Price below the lowest price")
    icon = "tag"
    ladder = (
        up_to(500_00, Role.SALES_MANAGER),
        up_to(2_000_00, Role.SITE_MANAGER),
        above(Role.GROUP_DIRECTOR),
    )

    @classmethod
    def path_of(cls, subject: str) -> str:
        return reverse("stock:detail", args=[UUID(subject.removeprefix("vehicle:"))])

    @classmethod
    def approve(cls, request: ApprovalRequest, *, by: Member, at: datetime) -> None:
        set_approved_price(request=request, by=by, at=at)
