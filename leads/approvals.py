"""What salespeople ask their managers for, and who answers up to which amount."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from approvals.kinds import ApprovalKind, above, up_to
from approvals.models import ApprovalRequest
from leads.services.discounts import grant_discount
from sites.access import Member
from sites.roles import Role


class DiscountApproval(ApprovalKind):
    """An exceptional discount on the vehicle of a lead. Amounts are cents of the site's currency."""

    key = "leads.discount"
    name = _("Exceptional discount")
    icon = "tags"
    ladder = (
        up_to(500_00, Role.SALES_MANAGER),
        up_to(2_000_00, Role.SITE_MANAGER),
        above(Role.GROUP_DIRECTOR),
    )

    @classmethod
    def path_of(cls, subject: str) -> str:
        return reverse("leads:detail", args=[_lead_id(subject)])

    @classmethod
    def approve(cls, request: ApprovalRequest, *, by: Member, at: datetime) -> None:
        grant_discount(lead_id=_lead_id(request.subject), request=request, by=by, at=at)


def _lead_id(subject: str) -> UUID:
    return UUID(subject.removeprefix("lead:"))
