"""Where messages go: a person's devices, and the outbox in which a sandbox shows what it « sent »."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from notifications.choices import Channel
from notifications.models.road import Delivery
from sites.models import GroupOwned, User, group_without_index


class PushSubscription(GroupOwned):
    """One browser or phone that agreed to be pushed to (RFC 8030). The endpoint is a secret of that device."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    device_name = models.CharField(_("device"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("since"))
    last_used_at = models.DateTimeField(_("last message"), null=True)

    class Meta:
        indexes = [models.Index(fields=["user"], name="push_of_user")]  # routing: the devices of a person

    def __str__(self) -> str:
        return self.device_name or str(self.pk)


class OutboxWords(GroupOwned):
    """A message as it was rendered, kept once for all who were told the same."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = group_without_index()
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.subject or self.text[:60]


class OutboxEntry(GroupOwned):
    """What a channel sent or a sandbox « sent » to one person. One a delivery; a test message has none."""

    # The same statement takes the delivery from a claimed row and writes the words.
    group = group_without_index(checked=False)
    delivery = models.OneToOneField(
        Delivery, on_delete=models.CASCADE, null=True, related_name="outbox", db_constraint=False
    )
    words = models.ForeignKey(
        OutboxWords, on_delete=models.CASCADE, related_name="entries", db_constraint=False, db_index=False
    )
    channel = models.CharField(max_length=8, choices=Channel.choices)
    recipient = models.CharField(max_length=320)
    detail = models.JSONField(default=dict)
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["group", "-sent_at"], name="outbox_newest_first")]  # the outbox page

    def __str__(self) -> str:
        return f"{self.channel} → {self.recipient}"
