"""Addresses that take no messages any more, and since when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.choices import Channel
from sites.models import GroupOwned, User


class OffReason(models.TextChoices):
    """Why nothing is sent to an address."""

    BOUNCED = "bounced", _("it does not exist, or takes no messages")
    COMPLAINED = "complained", _("a message was reported as spam")
    STOPPED = "stopped", _("STOP was answered")


class AddressBlock(GroupOwned):
    """An email address or a number that is off for the group, until somebody lifts it. Lifted ones are history.

    `address` is E.164, or an email address in small letters.
    """

    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.CharField(max_length=320)
    reason = models.CharField(max_length=12, choices=OffReason.choices)
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            # also: is this address off?
            models.UniqueConstraint(
                fields=["group", "channel", "address"],
                condition=Q(lifted_at__isnull=True),
                name="address_off_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.address} {self.reason}"

    @property
    def answers_start(self) -> bool:
        """Whether the phone's owner must text START first: until then the network refuses what we send."""
        return self.channel == Channel.SMS and self.reason == OffReason.STOPPED
