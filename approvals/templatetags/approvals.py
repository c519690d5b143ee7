"""What templates say about a request to one reader."""

from __future__ import annotations

from django import template

from approvals.models import ApprovalRequest
from sites.access import Member

register = template.Library()


@register.filter
def money_for(asked: ApprovalRequest, member: Member) -> str:
    """The amount in words, for who may read it; empty otherwise."""
    return asked.money if asked.shows_amount_to(member) else ""
