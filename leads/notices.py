"""Who hears of which lead, and what he can do at once."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from core.signals import Fact
from core.typography import quoted
from leads.models import Suspicion
from leads.signals import (
    LeadEnquiredAgain,
    LeadQuarantined,
    LeadReceived,
    lead_claimed,
    lead_enquired_again,
    lead_quarantined,
    lead_received,
    lead_released,
)
from notifications.audiences import person, roles
from notifications.choices import EMAIL, IN_APP, NOTHING, PUSH, Cadence, Channel, Urgency
from notifications.declarations import Action, Category, Failover, Notice, Unanswered, values_of
from sites.phones import in_full

LEADS = Category(
    key="leads",
    name=_("Leads"),
    description=_("New requests, customers who write again, requests in quarantine"),
    icon="person-raised-hand",
)

_SAMPLE_ID = UUID("01930000-0000-7000-8000-000000000001")
_SAMPLE_TIME = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


# Characters of a customer's words that stand in for a vehicle.
_FIRST_WORDS = 80


class OfALead:
    """What the notices of a lead that came in share: what he asks for, and his number once somebody may call it."""

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        phone = getattr(fact, "phone", "")  # the fact that ends it names none, nor a vehicle
        wish = getattr(fact, "vehicle", "") or quoted(_first_words(getattr(fact, "message", "")))
        return {**values_of(fact), "wish": wish, "phone_said": in_full(phone) if phone else ""}


def _first_words(message: str) -> str:
    return Truncator(" ".join(message.split())).chars(_FIRST_WORDS)


class LeadReceivedNotice(OfALead, Notice[LeadReceived]):
    """The alert that makes the sale: the assignee's, or everybody's in the pool until one takes it."""

    key = "leads.received"
    name = _("New lead")
    category = LEADS
    urgency = Urgency.HIGH
    signal = lead_received
    audience = person("assignee_id") | roles(
        "salesperson",
        "used_car_manager",
        "sales_manager",
        "site_manager",
        unless="assignee_id",
        reason="pool",
    )
    needs = "leads.view_lead"
    subject = "lead:{lead_id}"
    title = _("New lead: {customer_name}")
    body = _("{wish} · {phone_said} · {source_name} · {unsaid_site}")
    sms = _("New lead {customer_name}: {vehicle} {phone}")
    url = "/leads/{lead_id}/"
    actions = (Action(key="claim", label=_("Take the lead"), post="/api/v1/leads/{lead_id}/claim/"),)
    channels = {
        "salesperson": IN_APP | PUSH,
        "used_car_manager": IN_APP | PUSH,
        "sales_manager": EMAIL,
        "site_manager": EMAIL,
    }
    # MISSION M11: managers hear of leads in recaps; what nobody takes rings for them (below).
    recaps = {"sales_manager": Cadence.HALF_HOUR, "site_manager": Cadence.DAILY}
    storm = None  # each one is a sale; floods are quarantined
    # In time to be the first who calls back: a lead is worth a text message when nobody looked at it.
    failover = Failover(to=Channel.SMS, after=timedelta(minutes=5))
    closes_on = lead_claimed
    closed_text = _("Taken by {owner_name}")
    sample = LeadReceived(
        group_id=1,
        site_id=1,
        occurred_at=_SAMPLE_TIME,
        lead_id=_SAMPLE_ID,
        customer_name="Camille Durand",
        vehicle="Peugeot 208 2023",
        message="Bonjour, est-elle toujours disponible ?",
        source_name="Site web Lyon",
        site_name="Lyon",
        assignee_id=1,
        phone="+33639980001",  # of those that ARCEP keeps for fiction
        email="camille.durand@example.com",
    )


class LeadUnansweredNotice(OfALead, Notice[LeadReceived]):
    """Nobody took the lead: his manager sees to it. Minutes of the site's opening hours."""

    key = "leads.unanswered"
    name = _("Lead unanswered for 10 minutes")
    category = LEADS
    urgency = Urgency.HIGH
    storm = None
    signal = lead_received
    follows = Unanswered(LeadReceivedNotice, after=timedelta(minutes=10))
    audience = roles("sales_manager", reason="escalation")
    needs = "leads.view_lead"
    subject = "lead:{lead_id}"
    title = _("Unanswered for 10 minutes: {customer_name}")
    body = LeadReceivedNotice.body
    sms = _("Unanswered for 10 min: {customer_name}, {vehicle} {phone}")
    url = "/leads/{lead_id}/"
    actions = LeadReceivedNotice.actions
    channels = {"sales_manager": IN_APP | PUSH}
    closes_on = lead_claimed
    closed_text = LeadReceivedNotice.closed_text
    sample = LeadReceivedNotice.sample


class LeadLeftAloneNotice(LeadUnansweredNotice):
    """An hour, and still nobody: the site's manager."""

    key = "leads.left_alone"
    name = _("Lead unanswered for an hour")
    follows = Unanswered(LeadReceivedNotice, after=timedelta(minutes=60))
    audience = roles("site_manager", reason="escalation")
    title = _("Unanswered for an hour: {customer_name}")
    sms = _("Unanswered for an hour: {customer_name}, {vehicle} {phone}")
    channels = {"site_manager": IN_APP | PUSH}


class LeadEnquiredAgainNotice(Notice[LeadEnquiredAgain]):
    """The customer insists: his salesperson must know."""

    key = "leads.enquired_again"
    name = _("A customer writes again")
    category = LEADS
    urgency = Urgency.HIGH
    collapses = True
    signal = lead_enquired_again
    audience = person("owner_id")
    needs = "leads.view_lead"
    subject = "lead:{lead_id}"
    dedupe = "enquiry:{enquiry_id}"
    title = _("{customer_name} wrote again")
    body = _("{vehicle} · {said_message}")
    url = "/leads/{lead_id}/"
    channels = {"salesperson": IN_APP | PUSH, "used_car_manager": IN_APP | PUSH}
    sample = LeadEnquiredAgain(
        group_id=1,
        site_id=1,
        occurred_at=_SAMPLE_TIME,
        lead_id=_SAMPLE_ID,
        enquiry_id=1,
        customer_name="Camille Durand",
        vehicle="Peugeot 208 2023",
        message="Je passe samedi matin, cela vous convient ?",
        owner_id=1,
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With the customer's words as his."""
        return {**values_of(fact), "said_message": quoted(cast("LeadEnquiredAgain", fact).message)}


class LeadQuarantinedNotice(Notice[LeadQuarantined]):
    """A request looks like a robot's; a manager decides, because nothing is dropped."""

    key = "leads.quarantined"
    name = _("Request in quarantine")
    category = LEADS
    urgency = Urgency.NORMAL
    signal = lead_quarantined
    audience = roles("sales_manager", "site_manager", "marketing_manager")
    needs = "leads.review_quarantine"
    subject = "lead:{lead_id}"
    title = _("In quarantine: {customer_name}")
    body = _("{why} · {source_name} · {unsaid_site}")
    url = "/leads/{lead_id}/"
    actions = (
        Action(key="release", label=_("A customer"), post="/api/v1/leads/{lead_id}/release/"),
        Action(key="spam", label=_("Spam"), post="/api/v1/leads/{lead_id}/spam/", quiet=True),
    )
    channels = {"sales_manager": IN_APP, "site_manager": NOTHING, "marketing_manager": NOTHING}
    closes_on = lead_released
    closed_text = _("Reviewed")
    sample = LeadQuarantined(
        group_id=1,
        site_id=1,
        occurred_at=_SAMPLE_TIME,
        lead_id=_SAMPLE_ID,
        customer_name="Win Big",
        source_name="Site web Lyon",
        site_name="Lyon",
        suspicion="honeypot",
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With what looks like a robot in words."""
        suspicion = getattr(fact, "suspicion", "")  # the fact that ends it names none
        sentence = str(Suspicion(suspicion).label) if suspicion in Suspicion.values else ""
        return {**values_of(fact), "why": sentence.removesuffix(".")}
