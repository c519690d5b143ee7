"""What the engine itself tells people."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from msgspec.structs import replace

from core.signals import Fact
from notifications import letters, registry, rendering
from notifications.audiences import people, person, roles_in_group
from notifications.canaries import key_of
from notifications.choices import EMAIL, IN_APP, NOTHING, PUSH, SMS, Cadence, Channel, Urgency
from notifications.declarations import Category, Notice
from notifications.models import Delivery, OffReason
from notifications.rendering import Line, Message, Section
from notifications.signals import (
    AddressOff,
    CanaryFlew,
    DigestTold,
    SmsCapReached,
    StormGathered,
    address_back,
    address_off,
    canary_flew,
    digest_told,
    sms_cap_reached,
    storm_gathered,
)
from sites.roles import BELONG, roles_holding

logger = logging.getLogger(__name__)

ALERTS = Category(
    key="alerts", name=_("Alert system"), description=_("What the alerts themselves have to say")
)

# Characters of a digest's one line on a lock screen.
_BRIEF = 160
_HEADINGS = {
    Cadence.OPENING: _("%(count)d alerts waited for you"),
    Cadence.HALF_HOUR: _("The last half hour: %(count)d alerts"),
    Cadence.DAILY: _("Your recap of the day: %(count)d alerts"),
    Cadence.WEEKLY: _("Your recap of the week: %(count)d alerts"),
}
_BEYOND = _("%(count)d of them went beyond your daily limit.")


class DigestNotice(Notice[DigestTold]):
    """What waited for its person, told together: `digests` writes its rows, the router never sees it."""

    key = "notifications.digest"
    name = _("Digest")
    category = ALERTS
    internal = True
    signal = digest_told
    audience = person("user_id")
    needs = BELONG
    subject = "digest:{digest_id}"
    title = "{heading}"
    body = "{beyond}"
    sms = "{heading}."
    url = "/inbox/"
    channels = {"salesperson": NOTHING}
    sample = DigestTold(
        group_id=1, occurred_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC), user_id=1, digest_id=1, count=6
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With what it gathers, in words, and whether it was too much for a day."""
        values = super().values_of(fact)
        if isinstance(fact, DigestTold):
            values["heading"] = _HEADINGS[Cadence(fact.cadence)] % {"count": fact.count}
            values["beyond"] = _BEYOND % {"count": fact.beyond_limit} if fact.beyond_limit else ""
        return values

    @classmethod
    def completed(cls, message: Message, fact: Fact) -> Message:
        """With a line for each alert that is still of use, under the names of their types."""
        members = Delivery.objects.filter(digest=cast("DigestTold", fact).digest_id)
        rows = list(
            members.select_related(*letters.NEEDED_ROWS).order_by("notification__event__occurred_at", "pk")
        )
        with translation.override(message.language):
            sections = tuple(_sections(rows, message.language))
        brief = " · ".join(line.title for section in sections for line in section.lines)
        return replace(message, sections=sections, body=f"{message.body} {brief}".strip()[:_BRIEF])


class StormNotice(Notice[StormGathered]):
    """Too many alerts of one type on a site: `storms` gathers the rest under this one."""

    key = "notifications.storm"
    name = _("Many alerts at once")
    category = ALERTS
    internal = True
    signal = storm_gathered
    audience = people("user_ids")
    needs = BELONG
    subject = "storm:{of}:{site_id}:{stamp}"
    dedupe = "storm:{of}:{site_id}:{stamp}:{part}"
    title = _("Many alerts at once: {what}")
    body = _("More than usual within minutes. The following ones are gathered here.")
    url = "/inbox/gathered/{of}/{stamp}/"
    channels = dict.fromkeys(roles_holding(BELONG), IN_APP | PUSH)
    sample = StormGathered(
        group_id=1,
        site_id=1,
        occurred_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        of="notifications.address_off",
        stamp="20260302-08",
        user_ids=[1],
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With the name of what there is too much of."""
        return {**super().values_of(fact), "what": str(registry.get(cast("StormGathered", fact).of).name)}


class AddressOffNotice(Notice[AddressOff]):
    """Somebody is no longer reached by email or SMS; who looks after the group mends it."""

    key = "notifications.address_off"
    name = _("An address is switched off")
    category = ALERTS
    signal = address_off
    audience = roles_in_group("group_admin")
    needs = "notifications.view_outbox"
    subject = "address:{block_id}"
    title = _("{channel_name} switched off for {whom}")
    body = _("{address}: {why}")
    url = "/outbox/undelivered/"
    channels = {"group_admin": IN_APP | EMAIL}
    closes_on = address_back
    closed_text = _("Tried again")
    sample = AddressOff(
        group_id=1,
        occurred_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        block_id=1,
        channel="email",
        address="camille@rhone.test",
        reason="bounced",
        person_name="Camille Durand",
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With the channel and the reason in words."""
        values = super().values_of(fact)
        if isinstance(fact, AddressOff):
            values["channel_name"] = str(Channel(fact.channel).label)
            values["whom"] = fact.person_name or fact.address
            values["why"] = str(OffReason(fact.reason).label)
        return values


class SmsCapNotice(Notice[SmsCapReached]):
    """Texts stay here for the rest of the day: somebody must know before somebody misses one."""

    key = "notifications.sms_cap"
    name = _("SMS limit of the day reached")
    category = ALERTS
    urgency = Urgency.HIGH
    signal = sms_cap_reached
    audience = roles_in_group("group_admin")
    needs = "notifications.view_outbox"
    subject = "sms_cap:{day}:{cap}:{whose}"
    title = _("SMS limit reached: {whom}")
    body = _("{limit} a day. Today's further texts stay here; what is critical may still leave.")
    sms = _("SMS limit of the day ({limit}) reached: {whom}. Further texts stay here.")
    url = "/outbox/undelivered/"
    channels = {"group_admin": IN_APP | EMAIL}
    sample = SmsCapReached(
        group_id=1,
        occurred_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        cap="cap_site",
        limit=300,
        day="2026-03-02",
        whose="1",
        whose_name="Lyon",
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With whom the limit is for: a person, a site, or everybody."""
        whose_name = cast("SmsCapReached", fact).whose_name
        return {**super().values_of(fact), "whom": whose_name or str(_("the whole group"))}


class InAppCanaryNotice(Notice[CanaryFlew]):
    """Through routing into an inbox; the other channels' canaries are alike. Critical: nothing holds one up."""

    key = key_of(Channel.IN_APP)
    name = _("Canary")
    category = ALERTS
    urgency = Urgency.CRITICAL
    internal = True
    signal = canary_flew
    audience = person("user_id")
    needs = BELONG
    subject = "canary:{slot}"
    title = _("Test of the channel: nothing to do")
    body = ""
    url = "/inbox/"
    channels = {"service_advisor": IN_APP}
    sample = CanaryFlew(
        group_id=1, occurred_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC), user_id=1, slot=1, text_slot=1
    )


class PushCanaryNotice(InAppCanaryNotice):
    """Through the queue of the pushes."""

    key = key_of(Channel.PUSH)
    channels = {"service_advisor": PUSH}


class EmailCanaryNotice(InAppCanaryNotice):
    """Through the queue of the emails, and with `CANARY_EMAIL` through the provider."""

    key = key_of(Channel.EMAIL)
    channels = {"service_advisor": EMAIL}


class SmsCanaryNotice(InAppCanaryNotice):
    """Through the queue of the texts, and with `CANARY_PHONE` through the provider."""

    key = key_of(Channel.SMS)
    subject = "canary:{text_slot}"
    channels = {"service_advisor": SMS}


def _sections(members: list[Delivery], language: str) -> Iterable[Section]:
    """One section a type; what was closed or withdrawn while the digest was on its way is left out."""
    allowed = letters.still_allowed(members)
    lines: dict[type[Notice[Any]], dict[str, Line]] = {}
    for member in members:
        event = member.notification.event
        try:
            if letters.out_of_use(member.notification, allowed) is not None:
                continue
            notice = registry.get(event.type_key)
            message = rendering.render(notice, notice.fact_from(event.payload), language)
        except Exception:  # one that cannot be read any more does not keep the others from being told
            logger.exception("Event %s cannot be told in a digest", event.pk)
            continue
        lines.setdefault(notice, {})[event.dedupe_key] = Line(message.title, message.body, message.url)
    return (Section(str(notice.name), tuple(found.values())) for notice, found in lines.items())
