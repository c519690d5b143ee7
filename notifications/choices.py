"""The engine's vocabulary: channels, urgency and the states of a delivery."""

from __future__ import annotations

from datetime import time, timedelta
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    IN_APP = "in_app", _("In the app")
    PUSH = "push", _("Push")
    EMAIL = "email", _("Email")
    SMS = "sms", _("SMS")


Channels = frozenset[Channel]

IN_APP: Channels = frozenset({Channel.IN_APP})
PUSH: Channels = frozenset({Channel.PUSH})
EMAIL: Channels = frozenset({Channel.EMAIL})
SMS: Channels = frozenset({Channel.SMS})
NOTHING: Channels = frozenset()


class Urgency(TextChoices):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


class DeliveryState(TextChoices):
    """Where one message on one channel stands. The final ones are in FINAL."""

    PLANNED = "planned", _("Planned")
    SENDING = "sending", _("Sending")
    ACCEPTED = "accepted", _("Accepted by the provider")
    DELIVERED = "delivered", _("Delivered")
    FAILED_TEMPORARY = "failed_temporary", _("Failed, will be tried again")
    FAILED_PERMANENT = "failed_permanent", _("Failed")
    SUPPRESSED = "suppressed", _("Not sent")
    CANCELLED = "cancelled", _("Cancelled")
    DIGESTED = "digested", _("Told in a digest")
    UNKNOWN = "unknown", _("Unknown: interrupted while sending")
    DEAD = "dead", _("Given up")


FINAL = frozenset(
    {
        DeliveryState.ACCEPTED,
        DeliveryState.DELIVERED,
        DeliveryState.FAILED_PERMANENT,
        DeliveryState.SUPPRESSED,
        DeliveryState.CANCELLED,
        DeliveryState.DIGESTED,
        DeliveryState.DEAD,
    }
)


class Width(TextChoices):
    """How much of what a person may hear of he wants to follow, from narrow to wide."""

    OWN = "own", _("Only what is mine")
    SITES = "sites", _("The sites I choose")
    GROUP = "group", _("Everything I may see")
    MAJOR = "major", _("Only the major events")


class Quiet(TextChoices):
    """When nothing but the critical may ring for a person."""

    SITE = "site", _("Outside my site's opening hours")
    OWN = "own", _("In the hours I set")
    NEVER = "never", _("Never: I can always be reached")


class Cadence(TextChoices):
    """How soon a message leaves: at once, or gathered until its person can be reached, or for a stretch of time."""

    AT_ONCE = "", _("At once")
    OPENING = "opening", _("When I can be reached again")
    HALF_HOUR = "half_hour", _("Every half hour")
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")


# What a person may choose for a topic and a channel, from soon to late.
PACES = (Cadence.AT_ONCE, Cadence.HALF_HOUR, Cadence.DAILY, Cadence.WEEKLY)


# Messages a day that may ring for a person (MISSION M14: who gets 50 a day ignores them all).
DAILY_LIMIT = 50
FEWEST_A_DAY, MOST_A_DAY = 5, 500

# How far ahead a person may plan his absences and shifts: who leaves for longer is switched off, not away.
PLANNED_AHEAD = timedelta(days=3 * 366)

# When a person's recaps come, by his own clock, unless he says otherwise.
RECAP_AT = time(18)


def usual_recap_at() -> time:
    """`RECAP_AT` as a field's default: within ten seconds of it, Django takes a plain one for a mistake (W161)."""
    return RECAP_AT


class Reason(StrEnum):
    """Why a person or a channel was chosen or left out; stored, and shown by `reason_text`."""

    ROLE_DEFAULT = "role_default"
    GROUP_DEFAULT = "group_default"
    OWN_CHOICE = "own_choice"
    MANDATORY = "mandatory"
    MUTED_BY_DEFAULT = "muted_by_default"
    MUTED_BY_PERSON = "muted_by_person"
    NOT_ALLOWED = "not_allowed"
    IS_ACTOR = "is_actor"
    ALREADY_CLOSED = "already_closed"
    NO_DEVICE = "no_device"
    NO_PHONE = "no_phone"
    NO_EMAIL = "no_email"
    ADDRESS_OFF = "address_off"
    CAP_NUMBER = "cap_number"
    CAP_SITE = "cap_site"
    CAP_GROUP = "cap_group"
    READ_ELSEWHERE = "read_elsewhere"
    CLOSED = "closed"
    LEFT = "left"
    QUIET_HOURS = "quiet_hours"
    AWAY = "away"
    IN_DIGEST = "in_digest"
    PACED = "paced"
    TOLD_ALONE = "told_alone"
    OVER_BUDGET = "over_budget"
    NOT_SEEN = "not_seen"
    SEEN = "seen"
    NOT_FOLLOWED = "not_followed"
    IN_STORM = "in_storm"
    REPLACED = "replaced"


# Sent by nobody although it was wanted: somebody may mend it and have it sent after all.
WITHHELD = frozenset({Reason.ADDRESS_OFF, Reason.CAP_NUMBER, Reason.CAP_SITE, Reason.CAP_GROUP})
