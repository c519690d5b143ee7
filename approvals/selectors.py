"""Who sees, who is asked, who may decide. The one place that answers; nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from approvals import kinds
from approvals.kinds import DECIDE, ApprovalKind
from approvals.models import ApprovalRequest, ApprovalStep, Status
from sites.access import Member, members_for
from sites.models import Membership, User
from sites.roles import Role, roles_holding

VIEW = "approvals.view_request"

PAGE_SIZE = 50
SETTLED_SHOWN = 30


def visible_requests(member: Member) -> QuerySet[ApprovalRequest]:
    """What he asked for himself, what was passed on to him, and what stands on the sites where he may decide."""
    if not member.can(VIEW):
        return ApprovalRequest.objects.none()
    sites = member.site_ids(DECIDE)
    if sites is None:
        return ApprovalRequest.objects.all()
    his = Q(asked_by=member.user) | Q(delegate=member.user) | Q(site_id__in=sites)
    return ApprovalRequest.objects.filter(his)


def with_people(requests: QuerySet[ApprovalRequest]) -> QuerySet[ApprovalRequest]:
    """The same with everybody and everything that a line of it names."""
    return requests.select_related("site", "asked_by", "delegate", "delegated_by", "decided_by")


def request_for(member: Member, request_id: UUID) -> ApprovalRequest | None:
    """The request, or None when it is missing or not for this person."""
    return with_people(visible_requests(member)).filter(pk=request_id).first()


def history_of(request: ApprovalRequest) -> QuerySet[ApprovalStep]:
    """Every step, oldest first, with the people."""
    return ApprovalStep.objects.filter(request=request).select_related("by", "to").order_by("pk")


def requests_about(subject: str) -> QuerySet[ApprovalRequest]:
    """What was asked about one thing, oldest first: for the page of that thing, whose reader may see it."""
    return with_people(ApprovalRequest.objects.filter(subject=subject)).order_by("pk")


def waiting_for(member: Member, at: datetime) -> list[ApprovalRequest]:
    """The open requests that this person may decide, the longest waiting first. Two queries at most."""
    if not member.can(DECIDE):
        return []
    open_ones = visible_requests(member).filter(status=Status.PENDING, expires_at__gt=at)
    requests = list(with_people(open_ones.exclude(asked_by=member.user)).order_by("pk"))
    his = decidable(requests, member)
    return [request for request in requests if request.pk in his]


def asked_by(member: Member, at: datetime) -> list[ApprovalRequest]:
    """His own requests that are open, the longest waiting first. One query."""
    his = visible_requests(member).filter(asked_by=member.user, status=Status.PENDING, expires_at__gt=at)
    return list(with_people(his).order_by("pk"))


def settled_for(member: Member) -> list[ApprovalRequest]:
    """What was answered, withdrawn or has expired, the latest first. One query."""
    closed = visible_requests(member).exclude(status=Status.PENDING)
    return list(with_people(closed).order_by("-decided_at")[:SETTLED_SHOWN])


def may_decide(request: ApprovalRequest, member: Member) -> bool:
    """Four eyes, then the ladder of the kind, or a delegation by somebody who stands on it still."""
    return bool(decidable([request], member))


def decidable(requests: Collection[ApprovalRequest], member: Member) -> set[UUID]:
    """The ids of those among them that he may decide, whether they are open or not. Two queries at most."""
    passed_on = [one for one in requests if one.delegate_id == member.user.pk]
    givers = members_for({one.delegated_by for one in passed_on if one.delegated_by is not None})
    return {one.pk for one in requests if _decides(one, member, givers)}


def _decides(request: ApprovalRequest, member: Member, givers: Mapping[int, Member]) -> bool:
    """The same; `givers` are those who passed requests on to him, by user id."""
    kind = kinds.find(request.kind)
    if kind is None or request.asked_by_id == member.user.pk or not member.can(DECIDE, request.site_id):
        return False
    if kind.may_decide(request.amount, request.site_id, member):
        return True
    # What was passed on counts as long as the one who passed it on may decide himself.
    giver = givers.get(request.delegated_by_id or 0) if request.delegate_id == member.user.pk else None
    return giver is not None and giver.group_id == request.group_id and _stands(kind, request, giver)


def stands_on_ladder(request: ApprovalRequest, member: Member) -> bool:
    """Whether he may decide in his own right, and so pass the request on."""
    kind = kinds.find(request.kind)
    is_his_own = request.asked_by_id == member.user.pk
    return kind is not None and not is_his_own and kind.may_decide(request.amount, request.site_id, member)


def decider_ids(
    kind: type[ApprovalKind], *, site_id: int, cents: int | None, asker_id: int
) -> tuple[int, ...]:
    """Whom to ask: everybody on the nearest rung that has somebody else than the asker; nobody when none has."""
    for rung in kind.rungs_for(cents):
        people = people_with(rung.roles, site_id).exclude(user_id=asker_id)
        found = sorted(set(people.values_list("user_id", flat=True)))
        if found:
            return tuple(found)
    return ()


def deciders_of(request: ApprovalRequest) -> list[User]:
    """Who is asked, by name: the nearest rung, and to whom it was passed on."""
    kind = kinds.find(request.kind)
    if kind is None:
        return []
    asked = decider_ids(kind, site_id=request.site_id, cents=request.amount, asker_id=request.asked_by_id)
    people = {*asked, request.delegate_id or 0}
    return list(User.objects.filter(pk__in=people).order_by("last_name", "first_name"))


def colleagues_to_ask(request: ApprovalRequest, member: Member) -> list[User]:
    """To whom a decider may pass the request: whoever decides on that site, but not himself nor the asker."""
    people = people_with(roles_holding(DECIDE), request.site_id)
    others = people.exclude(user_id__in=[member.user.pk, request.asked_by_id]).select_related("user")
    return sorted({row.user for row in others}, key=lambda user: (user.last_name, user.first_name))


def people_with(roles: Iterable[Role], site_id: int) -> QuerySet[Membership]:
    """The memberships of active people who hold one of these roles on the site, or on all sites."""
    names = [role.value for role in roles]
    here = Q(site_id=site_id) | Q(site__isnull=True)
    # A person who was moved to another group keeps no say in this one, whatever rows he left behind.
    return Membership.objects.filter(here, role__in=names, user__is_active=True, user__group_id=F("group_id"))


def _stands(kind: type[ApprovalKind], request: ApprovalRequest, giver: Member) -> bool:
    return kind.may_decide(request.amount, request.site_id, giver)
