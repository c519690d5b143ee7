"""« Why? »: which rule told a person of an event, and what each channel did about it, in words. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications import policy, registry, rendering
from notifications.audiences import STANDS_IN
from notifications.choices import Channel, DeliveryState, Reason
from notifications.declarations import Notice, is_gone
from notifications.models import Delivery, Notification, Preference, RoleDefault
from sites.access import Member

# Why a person is in the audience: the names of the branches that declarations use.
NAMED = {
    "assignee": _("It was given to you."),
    "owner": _("You are in charge of it."),
    "pool": _("Anybody with your role on this site may take it."),
    "role": _("Your role on this site is told of it."),
    "group_role": _("Your role is told of it, wherever it happens."),
    "escalation": _("Nobody dealt with it in time."),
    "decider": _("You may decide on it."),
    "delegate": _("A colleague passed it on to you."),
    "asker": _("You asked for it."),
    "salesperson": _("You look after this customer."),
    STANDS_IN: _("You stand in for a colleague who is away."),
    "user": _("It concerns you in person."),
}
RULES: dict[str, str | Promise] = {
    Reason.ROLE_DEFAULT: _("Your role has it on."),
    Reason.GROUP_DEFAULT: _("Your group decided so for your role."),
    Reason.OWN_CHOICE: _("You switched it on."),
    Reason.MANDATORY: _("Your group relies on it: it cannot be switched off."),
    Reason.MUTED_BY_DEFAULT: _("Your role has it off."),
    Reason.MUTED_BY_PERSON: _("You switched it off."),
    Reason.NOT_ALLOWED: _("You may no longer see what it is about."),
    Reason.NO_DEVICE: _("You have no device for it."),
    Reason.NO_PHONE: _("We have no mobile number of yours."),
    Reason.NO_EMAIL: _("We have no email address of yours."),
    Reason.READ_ELSEWHERE: _("You had read it before it left."),
    Reason.CLOSED: _("It was settled before it left."),
    Reason.LEFT: _("Your account was switched off."),
    Reason.QUIET_HOURS: _("It was quiet for you: it waited."),
    Reason.AWAY: _("You were away: it waited."),
    Reason.IN_DIGEST: _("Much had come together: you were told in one summary."),
    Reason.PACED: _("You are told of it in a recap: it waits for that."),
    Reason.TOLD_ALONE: _("It was alone in your recap: you were told of it as it is."),
    Reason.OVER_BUDGET: _("Your alerts of the day were used up: it waits for your next recap."),
    Reason.NOT_SEEN: _("In case you do not see it in time."),
    Reason.SEEN: _("You had seen it in time."),
    Reason.IN_STORM: _("Too many came at once: they were gathered under one alert."),
    Reason.REPLACED: _("A newer alert on the same subject took its place."),
    Reason.NOT_FOLLOWED: _("You do not follow this."),
    Reason.ADDRESS_OFF: _("This address of yours is switched off."),
    Reason.CAP_NUMBER: _("Your texts of the day were used up."),
    Reason.CAP_SITE: _("Your site's texts of the day were used up."),
    Reason.CAP_GROUP: _("Your group's texts of the day were used up."),
}

# The same said of somebody else, short: for the table of everybody whom an event considered.
RULES_OF_OTHERS: dict[str, str | Promise] = {
    Reason.ROLE_DEFAULT: _("On for the role"),
    Reason.GROUP_DEFAULT: _("So decided by the group"),
    Reason.OWN_CHOICE: _("Own choice"),
    Reason.MANDATORY: _("Mandatory"),
    Reason.MUTED_BY_DEFAULT: _("Off for the role"),
    Reason.MUTED_BY_PERSON: _("Switched off by the person"),
    Reason.NOT_ALLOWED: _("May no longer see it"),
    Reason.IS_ACTOR: _("The person's own doing"),
    Reason.ALREADY_CLOSED: _("Settled already"),
    Reason.NO_DEVICE: _("No device"),
    Reason.NO_PHONE: _("No mobile number"),
    Reason.NO_EMAIL: _("No email address"),
    Reason.READ_ELSEWHERE: _("Read before it left"),
    Reason.CLOSED: _("Settled before it left"),
    Reason.LEFT: _("Account switched off"),
    Reason.QUIET_HOURS: _("Quiet hours"),
    Reason.AWAY: _("Absent"),
    Reason.IN_DIGEST: _("In a summary"),
    Reason.PACED: _("In the next recap"),
    Reason.TOLD_ALONE: _("Alone in the recap"),
    Reason.OVER_BUDGET: _("Alerts of the day used up"),
    Reason.NOT_SEEN: _("If not seen in time"),
    Reason.SEEN: _("Seen in time"),
    Reason.NOT_FOLLOWED: _("Not followed"),
    Reason.ADDRESS_OFF: _("Address switched off"),
    Reason.CAP_NUMBER: _("Texts of the day used up, for the number"),
    Reason.CAP_SITE: _("Texts of the day used up, for the site"),
    Reason.CAP_GROUP: _("Texts of the day used up, for the group"),
}


def rule_for_others(reason: str) -> str | Promise:
    """The rule as somebody else reads it."""
    return RULES_OF_OTHERS.get(reason) or RULES.get(reason, "")


@dataclass(frozen=True)
class ChannelLine:
    """What one channel did: its state in words, the rule, and when (None where nothing was planned)."""

    channel: Channel
    state: str | Promise
    rule: str | Promise
    at: datetime | None
    is_waiting: bool = False


@dataclass(frozen=True)
class Why:
    """The answer for one notification; `url` is empty when what it is about was erased."""

    title: str
    name: str | Promise
    url: str
    created_at: datetime
    named: str | Promise
    lines: list[ChannelLine]


def why(member: Member, notification_id: int) -> Why | None:
    """The answer for one of the person's own notifications; None when it is not his. Four queries."""
    rows = Notification.objects.filter(pk=notification_id, user=member.user, in_inbox=True)
    row = rows.select_related("event", "closing").first()
    if row is None:
        return None
    try:
        notice = registry.get(row.event.type_key)
    except registry.UnknownNotice:
        return None
    message = rendering.render(notice, notice.fact_from(row.event.payload), member.user.language)
    told = list(Delivery.objects.filter(notification=row).order_by("step", "pk"))
    gone = row.closing is not None and is_gone(row.closing.payload)
    return Why(
        title=message.title,
        name=notice.name,
        url="" if gone else message.path,
        created_at=row.created_at,
        named=NAMED.get(row.reason, NAMED["role"]),
        lines=[*_told(told), *_silent(member, notice, told)],
    )


def _told(rows: Iterable[Delivery]) -> list[ChannelLine]:
    """What was planned. Two devices of one person are two lines."""
    return [
        ChannelLine(
            channel=Channel(row.channel),
            state=DeliveryState(row.state).label,
            rule=RULES.get(row.reason, ""),
            at=row.finished_at or row.due_at,
            is_waiting=row.finished_at is None,
        )
        for row in rows
    ]


def _silent(member: Member, notice: type[Notice[Any]], told: Iterable[Delivery]) -> list[ChannelLine]:
    """The other channels, with the rule that keeps them silent as things are set now."""
    own = _own_choices(member, notice)
    defaults = {
        (role, channel): enabled
        for role, channel, enabled in RoleDefault.objects.filter(type_key=notice.key).values_list(
            "role", "channel", "enabled"
        )
    }
    used = {row.channel for row in told}
    return [
        ChannelLine(channel, _("Silent"), RULES[given.reason], None)
        for channel in Channel
        if channel not in used
        and not (given := policy.verdict(notice, sorted(member.roles), channel, defaults, own)).enabled
    ]


def _own_choices(member: Member, notice: type[Notice[Any]]) -> dict[str, bool]:
    rows = Preference.objects.filter(user=member.user, category=notice.category.key)
    rows = rows.filter(type_key__in=("", notice.key)).order_by("type_key")
    return dict(rows.values_list("channel", "enabled"))
