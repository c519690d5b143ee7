"""Lead sources, leads, what customers sent, and the keys that make intake happen once."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest
from core.ids import new_id
from core.money import spoken_cents
from leads.masking import hide_contacts, hide_in_vin, mask_email, mask_phone
from leads.places import unsaid_site
from sites.models import ApiKey, GroupOwned, Site, User, group_without_index


class IntakeMode(models.TextChoices):
    POOL = "pool", _("Pool: the first to answer takes it")
    ASSIGNED = "assigned", _("Assigned: in turn, among those present")


class SourceKind(models.TextChoices):
    WEBSITE = "website", _("Website")
    PORTAL = "portal", _("Portal")
    MANUFACTURER = "manufacturer", _("Manufacturer")
    PHONE = "phone", _("Phone")
    CAMPAIGN = "campaign", _("Campaign")


class LeadSource(GroupOwned):
    """Where leads come from, for one site: a website, a portal. It decides how they are handed out."""

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="lead_sources", verbose_name=_("site")
    )
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=SourceKind.choices, default=SourceKind.WEBSITE)
    mode = models.CharField(_("hand-out"), max_length=16, choices=IntakeMode.choices, default=IntakeMode.POOL)
    allowed_origins = models.JSONField(
        _("allowed origins"), default=list, blank=True,
        help_text=_("Web addresses whose forms may post here, e.g. https://www.dealer.fr"),
    )  # fmt: skip
    api_key = models.OneToOneField(
        ApiKey,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="lead_source",
        verbose_name=_("API key"),
    )

    class Meta:
        verbose_name = _("lead source")
        verbose_name_plural = _("lead sources")

    def __str__(self) -> str:
        return self.name


class LeadStatus(models.TextChoices):
    NEW = "new", _("To take")
    ASSIGNED = "assigned", _("Assigned")
    CLAIMED = "claimed", _("Taken")
    QUARANTINED = "quarantined", _("In quarantine")
    SPAM = "spam", _("Spam")


# What a reviewer looks after, and nobody else sees.
SUSPECT = (LeadStatus.QUARANTINED, LeadStatus.SPAM)


class Suspicion(models.TextChoices):
    """Why a request looks like a robot's."""

    HONEYPOT = "honeypot", _("It filled the field that people do not see.")
    TOO_FAST = "too_fast", _("It was sent faster than a person can type.")


class Lead(GroupOwned):
    """One customer's request. `owner` is empty while it is in the pool; claiming fills it exactly once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = group_without_index()
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="leads", verbose_name=_("site"))
    source = models.ForeignKey(
        LeadSource, on_delete=models.PROTECT, related_name="leads", verbose_name=_("source")
    )
    status = models.CharField(_("status"), max_length=16, choices=LeadStatus.choices, default=LeadStatus.NEW)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    email = models.CharField(_("email"), max_length=254, blank=True)
    phone = models.CharField(
        _("phone"), max_length=32, blank=True, help_text=_("E.164 when it could be read, else as typed")
    )
    message = models.TextField(_("message"), blank=True)
    make = models.CharField(_("make"), max_length=60, blank=True)
    model = models.CharField(_("model"), max_length=80, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    vin = models.CharField(_("VIN"), max_length=17, blank=True)
    stock_number = models.CharField(_("stock number"), max_length=40, blank=True)
    max_price = models.DecimalField(
        _("highest price"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    consent_marketing = models.BooleanField(_("agrees to marketing"), default=False)
    page_url = models.CharField(_("page"), max_length=1000, blank=True)
    campaign = models.JSONField(_("campaign"), default=dict, blank=True)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("owner"),
        db_index=False,
    )  # fmt: skip
    received_at = models.DateTimeField(_("received"))
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    quarantine_reason = models.CharField(
        _("quarantine reason"), max_length=16, choices=Suspicion.choices, blank=True
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewed by"),
        db_index=False,
    )  # fmt: skip

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        constraints = [
            models.CheckConstraint(condition=~Q(email="", phone=""), name="lead_can_be_reached"),
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | ~Q(status__in=["assigned", "claimed"]),
                name="lead_taken_has_owner",
            ),
        ]
        indexes = [
            # list of a group, newest first
            models.Index(fields=["group", "-received_at"], name="lead_newest_first"),
            # the pool of a site, oldest first
            models.Index(fields=["site", "received_at"], condition=Q(status="new"), name="lead_pool"),
            # a salesperson's own leads
            models.Index(fields=["owner", "-received_at"], name="lead_of_owner"),
        ]

    def __str__(self) -> str:
        return self.customer_name

    def get_absolute_url(self) -> str:
        return reverse("leads:detail", args=[self.pk])

    @property
    def customer_name(self) -> str:
        """The name to greet. It may be read before the claim, so it never carries a whole email or number."""
        name = hide_contacts(f"{self.first_name} {self.last_name}".strip())
        return name or (mask_email(self.email) if self.email else mask_phone(self.phone))

    @property
    def vehicle_label(self) -> str:
        """The car in question. Read before the claim like the name, so no way to reach the customer hides in it."""
        parts = [hide_contacts(self.make), hide_contacts(self.model), str(self.year or "")]
        words = " ".join(part for part in parts if part)
        return words or hide_contacts(self.stock_number) or hide_in_vin(self.vin)

    @property
    def unsaid_site(self) -> str:
        """The site's name where the source's does not say it. Reads both, which the caller has selected."""
        return unsaid_site(self.source.name, self.site.name)

    @property
    def is_in_pool(self) -> bool:
        return self.status == LeadStatus.NEW

    @property
    def is_claimed(self) -> bool:
        return self.status == LeadStatus.CLAIMED

    @property
    def is_quarantined(self) -> bool:
        return self.status == LeadStatus.QUARANTINED

    @property
    def is_suspect(self) -> bool:
        return self.status in SUSPECT

    @property
    def minutes_until_taken(self) -> float | None:
        """How long the customer waited; None while nobody has taken the lead."""
        return None if self.claimed_at is None else (self.claimed_at - self.received_at).total_seconds() / 60

    @property
    def handed_over_at(self) -> datetime | None:
        """Since when the owner has it: taken, or assigned and not yet acknowledged."""
        return self.claimed_at or self.assigned_at


class Discount(GroupOwned):
    """What a manager granted on the vehicle of a lead. Each stands for the whole: the latest counts."""

    group = group_without_index()
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="discounts")
    request = models.OneToOneField(ApprovalRequest, on_delete=models.PROTECT, related_name="+")
    cents = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(max_length=3)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ["granted_at", "pk"]

    def __str__(self) -> str:
        return self.money

    @property
    def money(self) -> str:
        """The amount in the active language."""
        return spoken_cents(self.cents, self.currency)


class Enquiry(GroupOwned):
    """What a customer sent again within the window: it joins the lead and keeps its own words."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="enquiries")
    received_at = models.DateTimeField()
    message = models.TextField(blank=True)
    payload = models.JSONField()

    class Meta:
        ordering = ["received_at"]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.received_at:%Y-%m-%d %H:%M}"


class LeadFingerprint(GroupOwned):
    """One natural key of a lead (source, email or phone, vehicle) for a window of time: one row, so one winner."""

    group = group_without_index()
    # the unique constraint begins with the source, so that its own index would be a second one
    source = models.ForeignKey(LeadSource, on_delete=models.CASCADE, related_name="+", db_index=False)
    digest = models.CharField(max_length=64)
    lead_id = models.UUIDField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="fingerprint_once")]

    def __str__(self) -> str:
        return self.digest


class IdempotencyRecord(GroupOwned):
    """The answer that was given to an `Idempotency-Key`, so that a repeated call receives it again."""

    group = group_without_index()
    # the unique constraint begins with the source, so that its own index would be a second one
    source = models.ForeignKey(LeadSource, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    body_digest = models.CharField(max_length=64)
    lead_id = models.UUIDField()
    status = models.CharField(max_length=16)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key


class RotationTurn(GroupOwned):
    """The number of a salesperson's last turn on a site: whoever has the lowest is next.

    A number and not a time, because two leads may arrive in the same instant.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    turn = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "user"], name="rotation_turn_once")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.user_id}"
