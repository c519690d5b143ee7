"""What providers told us of messages that left, as they said it, and what we made of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from notifications.models.road import Delivery


class Outcome(models.TextChoices):
    """What a receipt led to."""

    WAITING = "waiting", "waiting for its message"
    APPLIED = "applied", "applied"
    NOTHING_NEW = "nothing_new", "nothing new"


class ProviderReceipt(models.Model):
    """One receipt, stored before anything is made of it; a repeated one is the same row.

    It has no group: it arrives under a provider's name for a message, and whose message that was may be known
    only later. Nothing but `notifications/receipts.py` reads it; no page does.
    """

    provider = models.CharField(max_length=32)
    event_key = models.CharField(max_length=64)
    message_id = models.CharField(max_length=120)
    about_id = models.BigIntegerField(null=True)
    meaning = models.CharField(max_length=12, help_text="one of gateways.events.Meaning")
    address = models.CharField(max_length=320, blank=True)
    error = models.CharField(max_length=60, blank=True)
    raw = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.WAITING)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, null=True, related_name="receipts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_key"], name="receipt_once")]
        indexes = [
            # sweep: those that wait for their message
            models.Index(fields=["message_id"], condition=Q(applied_at__isnull=True), name="receipt_waiting"),
            # once a day: those that are old enough to be forgotten
            models.Index(fields=["received_at"], name="receipt_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.message_id} {self.meaning}"
