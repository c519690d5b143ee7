"""Which transfers concern a person's sites, sorted by what is to be done about them. A constant number of queries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sites.access import Member
from sites.models import User
from stock.access import TRANSFER
from stock.models import OPEN_TRANSFERS, Transfer, TransferState
from stock.transfer_words import stands
from stock.transferring import may_cancel, with_people

# Rows of the last board, and open ones that a page may hold.
DONE_SHOWN = 30
OPEN_SHOWN = 200


@dataclass(frozen=True)
class Card:
    """A transfer as one person sees it, and what he may do about it now."""

    transfer: Transfer
    can_decide: bool
    can_send: bool
    can_receive: bool
    can_cancel: bool
    is_late: bool

    @property
    def version(self) -> str:
        """Changes whenever the card looks different."""
        return f"{self.transfer.state}-{self.can_decide:d}{self.can_send:d}{self.can_receive:d}"


@dataclass
class Boards:
    """To decide, asked by us, coming to us, leaving us, done."""

    to_decide: list[Card] = field(default_factory=list)
    asked: list[Card] = field(default_factory=list)
    coming: list[Card] = field(default_factory=list)
    leaving: list[Card] = field(default_factory=list)
    done: list[Card] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.to_decide or self.asked or self.coming or self.leaving or self.done)


def card_for(transfer: Transfer, member: Member, *, at: datetime) -> Card:
    """What this person may do about the transfer; no query."""
    sends = member.can(TRANSFER, transfer.from_site_id)
    state = TransferState(transfer.state)
    return Card(
        transfer=transfer,
        can_decide=sends and state == TransferState.ASKED,
        can_send=sends and state == TransferState.ACCEPTED,
        can_receive=member.can(TRANSFER, transfer.to_site_id) and state == TransferState.UNDER_WAY,
        can_cancel=may_cancel(transfer, member),
        is_late=state == TransferState.UNDER_WAY
        and transfer.expected_on is not None
        and transfer.expected_on < at.astimezone(transfer.to_site.zone).date(),
    )


def boards_for(member: Member, site_ids: Collection[int], *, at: datetime) -> Boards:
    """The transfers from and to these sites, and the person's own. Two queries; the open ones oldest first."""
    concerning = _concerning(member, site_ids)
    boards = Boards()
    for transfer in concerning.filter(state__in=OPEN_TRANSFERS).order_by("pk")[:OPEN_SHOWN]:
        card = card_for(transfer, member, at=at)
        _board_of(boards, card, site_ids).append(card)
    done = concerning.exclude(state__in=OPEN_TRANSFERS).order_by("-pk")[:DONE_SHOWN]
    boards.done = [card_for(transfer, member, at=at) for transfer in done]
    return boards


def to_decide(member: Member, site_ids: Collection[int] | None = None, *, at: datetime) -> list[Card]:
    """What waits for this person's answer, on all of his sites or on these. One query."""
    rows = Transfer.objects.filter(_decided_by(member), state=TransferState.ASKED)
    if site_ids is not None:
        rows = rows.filter(from_site_id__in=site_ids)
    return [
        card_for(row, member, at=at)
        for row in rows.select_related(*with_people()).order_by("pk")[:OPEN_SHOWN]
    ]


def _concerning(member: Member, site_ids: Collection[int]) -> QuerySet[Transfer]:
    ours = Q(from_site_id__in=site_ids) | Q(to_site_id__in=site_ids) | Q(asked_by=member.user)
    return Transfer.objects.filter(ours).select_related(*with_people())


def _board_of(boards: Boards, card: Card, site_ids: Collection[int]) -> list[Card]:
    """Where all sites are one's own, a vehicle that comes is not shown a second time as one that leaves."""
    if card.can_decide and card.transfer.from_site_id in site_ids:
        return boards.to_decide
    if card.transfer.state == TransferState.ASKED:
        return boards.asked
    return boards.leaving if card.transfer.to_site_id not in site_ids else boards.coming


def _decided_by(member: Member) -> Q:
    sites = member.site_ids(TRANSFER)
    return Q() if sites is None else Q(from_site_id__in=sites)


@dataclass(frozen=True)
class Step:
    """A moment of a transfer's story."""

    icon: str
    title: str
    at: datetime
    by: User | None
    words: str = ""


def steps_of(transfer: Transfer) -> list[Step]:
    """Its story, oldest first; people are loaded."""
    accepted = transfer.state != TransferState.REFUSED
    sent_at_once = transfer.decided_at == transfer.sent_at
    steps = []
    if transfer.was_asked_for:
        steps.append(Step("send", _("Asked for"), transfer.asked_at, transfer.asked_by, transfer.reason))
    if transfer.decided_at and not sent_at_once:
        title = _("Accepted") if accepted else pgettext("transfer", "Refused")
        words = "" if accepted else transfer.answer
        icon = "check2" if accepted else "x-lg"
        steps.append(Step(icon, title, transfer.decided_at, transfer.decided_by, words))
    if transfer.sent_at:
        steps.append(Step("truck", _("Sent off"), transfer.sent_at, transfer.sent_by))
    return [*steps, *_ends_of(transfer)]


def _ends_of(transfer: Transfer) -> list[Step]:
    """How it ended; what nobody called off has ended by itself."""
    steps = []
    if transfer.received_at:
        words = _arrival(transfer)
        steps.append(Step("check2-circle", _("Arrived"), transfer.received_at, transfer.received_by, words))
    if transfer.cancelled_at:
        words = transfer.answer if transfer.cancelled_by else stands(transfer)
        steps.append(
            Step("dash-circle", _("Called off"), transfer.cancelled_at, transfer.cancelled_by, words)
        )
    return steps


def _arrival(transfer: Transfer) -> str:
    km = "" if transfer.mileage is None else _("%(km)s km") % {"km": intcomma(transfer.mileage)}
    return " · ".join(part for part in (km, transfer.remarks) if part)
