"""How many texts may leave in a day: to one number, for one site, for the group. Each text costs money.

Counted from the deliveries themselves, in the local day of the group's first site. What is critical may use a
reserve beyond each cap. What is over a cap is kept with its reason, told to the administrators once a day, and can
be sent later from the page of undelivered messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from notifications import canaries, registry
from notifications.choices import Channel, DeliveryState, Reason, Urgency
from notifications.models import Delivery
from notifications.sendable import Sendable
from notifications.signals import SmsCapReached, sms_cap_reached
from sites.models import Site

# Claimed and then not sent: costs nothing.
_NOT_SENT = (
    DeliveryState.SUPPRESSED,
    DeliveryState.CANCELLED,
    DeliveryState.PLANNED,
    DeliveryState.DIGESTED,
)

Key = tuple[Reason, str]
"""(which cap, whose)"""


class Caps:
    """What has left today, and whether one more may. Ask only for what is about to leave: it is counted."""

    def __init__(self, group_id: int, sent: Counter[Key], at: datetime, day: str) -> None:
        self._group_id, self._sent, self._at, self._day = group_id, sent, at, day
        self._exceeded: dict[Key, Sendable] = {}

    def why_not(self, delivery: Sendable) -> Reason | None:
        """The cap that the text would exceed, or None."""
        keys = _keys(delivery.notification.user.phone, _site_of(delivery))
        over = next((key for key in keys if self._sent[key] >= _limit(key[0], delivery)), None)
        if over is None:
            self._sent.update(keys)
            return None
        self._exceeded.setdefault(over, delivery)
        return over[0]

    def tell(self) -> None:
        """Tell the administrators of the caps that were reached, of each the first time in a day."""
        for over, delivery in self._exceeded.items():
            self._tell(over, delivery)
        self._exceeded.clear()

    def _tell(self, over: Key, delivery: Sendable) -> None:
        """The event's dedupe key keeps it to one a day and cap."""
        cap, whose = over
        names = {
            Reason.CAP_NUMBER: delivery.notification.user.full_name,
            Reason.CAP_SITE: _site_name(_site_of(delivery)),
        }
        fact = SmsCapReached(
            group_id=self._group_id,
            occurred_at=self._at,
            cap=cap.value,
            limit=_limit(cap),
            day=self._day,
            whose=whose,
            whose_name=names.get(cap, ""),
        )
        with transaction.atomic():
            sms_cap_reached.send(fact)


def caps_for(claimed: Iterable[Sendable], *, at: datetime) -> Caps | None:
    """The day's count without these, which are about to leave. None when none of them is a text. Two queries."""
    texts = [one for one in claimed if one.channel == Channel.SMS and not canaries.is_canary(one)]
    if not texts:
        return None
    zone = _zone()
    midnight = datetime.combine(at.astimezone(zone).date(), time.min, zone)
    sent = _sent_since(midnight, without=texts[0].lease_token)
    return Caps(texts[0].group_id, sent, at, midnight.date().isoformat())


def _sent_since(midnight: datetime, *, without: UUID | None) -> Counter[Key]:
    rows = Delivery.objects.filter(channel=Channel.SMS, attempted_at__gte=midnight)
    rows = rows.exclude(state__in=_NOT_SENT).exclude(lease_token=without, state=DeliveryState.SENDING)
    counted = rows.values_list("notification__user__phone", "notification__event__payload__site_id").annotate(
        count=Count("pk")
    )
    sent: Counter[Key] = Counter()
    for phone, site_id, count in counted:
        for key in _keys(phone, site_id):
            sent[key] += count
    return sent


def _keys(phone: str, site_id: int | None) -> list[Key]:
    keys = [(Reason.CAP_NUMBER, phone), (Reason.CAP_GROUP, "")]
    return keys if site_id is None else [*keys, (Reason.CAP_SITE, str(site_id))]


def _limit(cap: Reason, delivery: Sendable | None = None) -> int:
    limit: int = {
        Reason.CAP_NUMBER: settings.SMS_CAP_NUMBER,
        Reason.CAP_SITE: settings.SMS_CAP_SITE,
        Reason.CAP_GROUP: settings.SMS_CAP_GROUP,
    }[cap]
    if delivery is None:
        return limit
    critical = registry.get(delivery.notification.event.type_key).urgency == Urgency.CRITICAL
    return limit + limit * settings.SMS_CAP_RESERVE // 100 if critical else limit


def _site_of(delivery: Sendable) -> int | None:
    site_id: int | None = delivery.notification.event.payload.get("site_id")
    return site_id


def _site_name(site_id: int | None) -> str:
    if site_id is None:
        return ""
    return Site.objects.filter(pk=site_id).values_list("name", flat=True).first() or ""


def _zone() -> ZoneInfo:
    """The clock of the group's first site: its day is the group's."""
    name = Site.objects.order_by("pk").values_list("time_zone", flat=True).first()
    return ZoneInfo(name or "UTC")
