"""Less noise: what somebody keeps ignoring on a channel that rings is proposed to stay in his inbox only.

Only proposed: he accepts, keeps it, and takes either back. Nothing critical and nothing mandatory is ever proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from notifications import registry
from notifications.choices import Channel, Urgency
from notifications.declarations import Notice
from notifications.measuring import ARRIVED
from notifications.models import Delivery, DemotionAnswer
from notifications.outcomes import Outcome, Told, outcome_of
from notifications.selectors import Cell, PreferenceRow, preference_matrix
from notifications.services import set_preference
from notifications.suggestions import INTERRUPTING
from sites.access import Member
from sites.hours import hours_of_sites

# What is looked at: at most so many of the latest messages of so many days. Fewer say nothing.
MEMORY = timedelta(days=30)
ENOUGH, LATEST = 20, 30
# So many of them ignored, in percent, and it is proposed.
TOO_MANY = 90
# Whoever answered is not asked again for so long, and sees for so long what he answered.
LEFT_ALONE = timedelta(days=90)
STILL_SHOWN = timedelta(days=1)

_Pair = tuple[str, Channel]
"""(type key, channel)"""


class NotProposed(LookupError):
    """Nothing of the kind is proposed to this person (any more)."""


class NotAnswered(LookupError):
    """He gave no answer that could be taken back."""


@dataclass(frozen=True)
class Proposal:
    """Of the last `of` messages of a type on a channel, the person looked at `looked_at`."""

    notice: type[Notice[Any]]
    channel: Channel
    topic: str
    own: bool | None
    looked_at: int
    of: int


@dataclass(frozen=True)
class Answered:
    """What he answered lately; it can be taken back."""

    notice: type[Notice[Any]]
    channel: Channel
    accepted: bool


def proposals_for(member: Member, rows: Sequence[PreferenceRow], *, at: datetime) -> list[Proposal]:
    """What is proposed to the person now; `rows` is his `preference_matrix`. Five queries, whatever he was sent."""
    answered = set(_answers(member, at - LEFT_ALONE).values_list("type_key", "channel"))
    found = []
    for (key, channel), outcomes in _outcomes(member, at).items():
        row = _row_of(rows, key)
        if row is None or (key, channel) in answered or not _may_be_quieter(row, key, channel):
            continue
        judged = outcomes[:LATEST]
        ignored = judged.count(Outcome.IGNORED)
        if len(judged) >= ENOUGH and 100 * ignored >= TOO_MANY * len(judged):
            own = row.cells[channel].own
            looked_at = len(judged) - ignored
            found.append(Proposal(registry.get(key), channel, row.topic, own, looked_at, len(judged)))
    return sorted(found, key=lambda one: -one.of)


def answered_lately(member: Member, *, at: datetime) -> list[Answered]:
    """What the person answered within a day, the latest first. One query."""
    known = {notice.key: notice for notice in registry.all_notices()}
    answers = _answers(member, at - STILL_SHOWN).order_by("-answered_at", "-pk")
    return [
        Answered(known[answer.type_key], Channel(answer.channel), answer.accepted)
        for answer in answers
        if answer.type_key in known
    ]


@transaction.atomic
def answer(*, member: Member, type_key: str, channel: Channel, accepted: bool, at: datetime) -> Proposal:
    """Switch the proposed channel off for the type, or keep it and be left alone. Raises NotProposed."""
    rows = preference_matrix(member)
    proposal = next(
        (
            one
            for one in proposals_for(member, rows, at=at)
            if (one.notice.key, one.channel) == (type_key, channel)
        ),
        None,
    )
    if proposal is None:
        raise NotProposed(type_key, channel)
    if accepted:
        set_preference(member=member, topic=proposal.topic, channel=channel, enabled=False)
    DemotionAnswer.objects.update_or_create(
        user=member.user,
        type_key=type_key,
        channel=channel,
        defaults={"accepted": accepted, "before": proposal.own, "answered_at": at},
        create_defaults={
            "group_id": member.group_id, "accepted": accepted, "before": proposal.own, "answered_at": at,
        },
    )  # fmt: skip
    return proposal


@transaction.atomic
def take_back(*, member: Member, type_key: str, channel: Channel) -> None:
    """Forget the answer; one that switched the channel off puts it back as it was. Raises NotAnswered.

    What the person has chosen otherwise since then stands.
    """
    mine = DemotionAnswer.objects.filter(user=member.user, type_key=type_key, channel=channel)
    given = mine.first()
    row = _row_of(preference_matrix(member), type_key)
    if given is None or row is None:
        raise NotAnswered(type_key, channel)
    if given.accepted and row.cells[channel].own is False:
        set_preference(member=member, topic=row.topic, channel=channel, enabled=given.before)
    mine.delete()


def _answers(member: Member, since: datetime) -> Any:
    return DemotionAnswer.objects.filter(user=member.user, answered_at__gt=since)


def _row_of(rows: Iterable[PreferenceRow], key: str) -> PreferenceRow | None:
    """The line of the settings where the person finds the type: its own, or its category's when that is all."""
    for category in rows:
        for row in category.types or (category,):
            if any(notice.key == key for notice in row.notices):
                return row
    return None


def _may_be_quieter(row: PreferenceRow, key: str, channel: Channel) -> bool:
    """Whether it rings for him, may be switched off, and would still lie in his inbox."""
    cell: Cell = row.cells[channel]
    is_critical = registry.get(key).urgency == Urgency.CRITICAL
    return cell.enabled and not cell.mandatory and not is_critical and row.cells[Channel.IN_APP].enabled


def _outcomes(member: Member, at: datetime) -> Mapping[_Pair, list[Outcome]]:
    """What became of his messages of the last month, the latest first; only those of which it is known."""
    rows = Delivery.objects.filter(
        notification__user=member.user,
        notification__in_inbox=True,
        notification__created_at__gte=at - MEMORY,
        channel__in=INTERRUPTING,
        state__in=ARRIVED,
    )
    told = rows.order_by("-notification__created_at", "-notification_id").values_list(
        "notification_id", "notification__event__type_key", "channel", "notification__event__payload__site_id",
        *(f"notification__{name}_at" for name in ("created", "seen", "read", "acted", "closed", "archived")),
    )  # fmt: skip
    known = {notice.key for notice in registry.all_notices()}
    found: dict[_Pair, list[Outcome]] = {}
    # Two devices are one message.
    once = {(pk, channel): (key, site_id, Told(*moments)) for pk, key, channel, site_id, *moments in told}
    hours = hours_of_sites({site_id for _key, site_id, _told in once.values() if site_id})
    for (_pk, channel), (key, site_id, one) in once.items():
        outcome = outcome_of(one, hours.get(site_id), at)
        if key in known and outcome in (Outcome.LOOKED_AT, Outcome.IGNORED):
            found.setdefault((key, Channel(channel)), []).append(outcome)
    return found
