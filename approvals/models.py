"""Requests for a decision, and the history of each."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from approvals import kinds
from core.ids import new_id
from core.money import spoken_cents
from sites.access import Member
from sites.models import GroupOwned, Site, User, group_without_index

REASON_LENGTH = 500
COMMENT_LENGTH = 500


class Status(models.TextChoices):
    PENDING = "pending", _("Waiting for a decision")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


# What a person may answer.
VERDICTS = (Status.APPROVED, Status.REFUSED)


class ApprovalRequest(GroupOwned):
    """One question to those who may decide. It is answered once: by the UPDATE that finds it pending.

    `subject` names what it is about (`lead:0192…`) and `about` says it to a person. `amount` is in cents.
    `version` rises with every change of who may decide, so that an older decision link no longer fits.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = group_without_index()
    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=80)
    about = models.CharField(_("about"), max_length=200)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", verbose_name=_("site"))
    amount = models.BigIntegerField(_("amount"), null=True)
    currency = models.CharField(max_length=3, blank=True)
    reason = models.CharField(_("reason"), max_length=REASON_LENGTH)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    version = models.PositiveIntegerField(default=1)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    delegate = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("delegate"),
    )
    delegated_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(_("comment"), max_length=COMMENT_LENGTH, blank=True)

    class Meta:
        verbose_name = _("approval request")
        verbose_name_plural = _("approval requests")
        constraints = [
            # one open question of a kind about one thing
            models.UniqueConstraint(
                fields=["group", "kind", "subject"],
                condition=Q(status=Status.PENDING),
                name="approval_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.PENDING) | Q(decided_at__isnull=False), name="approval_settled_at"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.APPROVED, Status.REFUSED]) | Q(decided_by__isnull=False),
                name="approval_decided_by_somebody",
            ),
        ]
        indexes = [
            # the list of a group's sites, newest first
            models.Index(fields=["group", "site", "-id"], name="approval_of_site"),
            # what I asked for, newest first
            models.Index(fields=["asked_by", "-id"], name="approval_of_asker"),
            # what was asked about one thing
            models.Index(fields=["group", "subject"], name="approval_by_subject"),
            # sweep: whom to remind, and what nobody answered in time
            models.Index(
                fields=["remind_at"],
                condition=Q(status=Status.PENDING, remind_at__isnull=False),
                name="approval_to_remind",
            ),
            models.Index(
                fields=["expires_at"], condition=Q(status=Status.PENDING), name="approval_to_expire"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_name} · {self.about}"

    def get_absolute_url(self) -> str:
        return reverse("approvals:detail", args=[self.pk])

    @property
    def kind_name(self) -> str:
        kind = kinds.find(self.kind)
        return str(kind.name if kind else _("Request"))

    @property
    def icon(self) -> str:
        kind = kinds.find(self.kind)
        return kind.icon if kind else kinds.ApprovalKind.icon

    @property
    def money(self) -> str:
        """The amount in the active language; empty without one."""
        return "" if self.amount is None else spoken_cents(self.amount, self.currency)

    def shows_amount_to(self, member: Member) -> bool:
        """Whether this person may read the amount; where no app declares the kind any more, whoever sees it may."""
        kind = kinds.find(self.kind)
        return kind is None or kind.shows_amount(self.site_id, member)

    @property
    def subject_url(self) -> str:
        """The page of what it is about; empty when there is none."""
        kind = kinds.find(self.kind)
        return kind.path_of(self.subject) if kind else ""

    @property
    def is_pending(self) -> bool:
        return self.status == Status.PENDING

    @property
    def is_approved(self) -> bool:
        return self.status == Status.APPROVED

    @property
    def is_refused(self) -> bool:
        return self.status == Status.REFUSED

    def is_open(self, at: datetime) -> bool:
        """Whether it still waits for an answer; the sweep may not have been by yet."""
        return self.is_pending and at < self.expires_at


class StepKind(models.TextChoices):
    ASKED = "asked", _("Asked")
    REMINDED = "reminded", _("Reminded")
    DELEGATED = "delegated", _("Passed on")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


STEP_ICONS = {
    StepKind.ASKED: "question-circle",
    StepKind.REMINDED: "bell",
    StepKind.DELEGATED: "arrow-right",
    StepKind.APPROVED: "check2-circle",
    StepKind.REFUSED: "x-lg",
    StepKind.WITHDRAWN: "dash-circle",
    StepKind.EXPIRED: "clock-history",
}


class ApprovalStep(GroupOwned):
    """One moment in the history of a request: what happened, when, who did it and in which words."""

    group = group_without_index()
    request = models.ForeignKey(ApprovalRequest, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=StepKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    comment = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"

    @property
    def icon(self) -> str:
        return STEP_ICONS[StepKind(self.kind)]
