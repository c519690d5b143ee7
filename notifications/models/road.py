"""The rows of the road: one Event, one Notification a person, one Delivery a channel and endpoint.

Rows are narrow and point at the one event, because foreign keys and width are what fan-out costs.
Each index says which query needs it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.choices import WITHHELD, Cadence, Channel, DeliveryState
from notifications.wire import Hint
from sites.models import GroupOwned, User, group_without_index


class EventKind(models.TextChoices):
    NOTICE = "notice", _("Tells people something")
    CLOSING = "closing", _("Retracts what was told")


class Event(GroupOwned):
    """A fact, recorded in the transaction that made it true: the outbox. `payload` is the Fact as plain values.

    A closing event carries the same `type_key` and `subject` as the notices that it retracts.
    """

    group = group_without_index()
    type_key = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=EventKind.choices, default=EventKind.NOTICE)
    dedupe_key = models.CharField(max_length=120)
    subject = models.CharField(max_length=80, blank=True)
    payload = models.JSONField()
    words = models.CharField(
        max_length=600, blank=True, default="", db_default=""
    )  # what a search finds it by
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    routed_at = models.DateTimeField(null=True)
    # How many people and messages its plan held: what the ledger holds the rows against.
    considered = models.PositiveIntegerField(null=True)
    planned = models.PositiveIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "type_key", "kind", "dedupe_key"], name="event_once"),
        ]
        indexes = [
            # sweep: what has not been routed yet, oldest first
            models.Index(fields=["recorded_at"], condition=Q(routed_at__isnull=True), name="event_unrouted"),
            # closing: the events of one subject
            models.Index(fields=["group", "subject", "type_key"], name="event_by_subject"),
            # storms: how many of a type were told lately
            models.Index(
                fields=["group", "type_key", "routed_at"],
                condition=Q(kind="notice", routed_at__isnull=False),
                name="event_told",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type_key} {self.subject}"

    @property
    def hint(self) -> Hint:
        """What wakes the router for it."""
        return Hint(self.group_id, self.pk, self.kind, self.type_key)


class Inbox(models.Model):
    """A person's inbox: the number of its latest change, and how many lines are unread.

    Locked and raised with every change, so that a cursor never skips a row and the count is never off.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="inbox")
    head = models.BigIntegerField(default=0)
    unread = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.head}"


# The partial index of the badge and every query that counts must say the same thing.
UNREAD = Q(
    in_inbox=True,
    read_at__isnull=True,
    closed_at__isnull=True,
    archived_at__isnull=True,
    snoozed_until__isnull=True,
)

# Put off and still waiting for its hour. What is closed or archived meanwhile has none to wait for.
SNOOZED = Q(snoozed_until__isnull=False, archived_at__isnull=True, closed_at__isnull=True)


class Notification(GroupOwned):
    """What one event meant for one person: in his inbox, or left out with the reason.

    `seq` is the inbox sequence of its latest change (0 when it is not in the inbox).
    """

    # Ten thousand rows may come of one event: no index that another one begins with.
    group = group_without_index(checked=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    seq = models.BigIntegerField(default=0)
    in_inbox = models.BooleanField(default=True)
    reason = models.CharField(max_length=40)
    times = models.PositiveIntegerField(default=1, db_default=1)  # alerts of its subject that it stands for
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    acted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    woken_at = models.DateTimeField(
        null=True
    )  # it came back from being put off, and stands where it would if new
    closing = models.ForeignKey(Event, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="notification_once_a_person")]
        indexes = [
            # delta: what changed in my inbox after n; inbox page: newest first; everything of a person
            models.Index(fields=["user", "seq"], name="notification_by_seq"),
            # badge: how many are unread
            models.Index(fields=["user"], condition=UNREAD, name="notification_unread"),
            # sweep: what was put off until now
            models.Index(
                fields=["snoozed_until"],
                condition=Q(snoozed_until__isnull=False),
                name="notification_snoozed",
            ),
            # the database itself, when a closing event is deleted
            models.Index(
                fields=["closing"], condition=Q(closing__isnull=False), name="notification_closed_by"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.user_id}"

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


# The states that something must still be done about, apart from `sending`, which has its lease.
WAITING = (DeliveryState.PLANNED, DeliveryState.FAILED_TEMPORARY)
WAITING_OR_UNKNOWN = (*WAITING, DeliveryState.UNKNOWN)


class Delivery(GroupOwned):
    """One message to one endpoint of one channel. `due_at` is a column: no business time lives in a broker.

    With a `cadence` it does not leave alone: what is due together becomes one `digest`.
    """

    group = group_without_index(checked=False)
    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    channel = models.CharField(max_length=8, choices=Channel.choices)
    endpoint = models.CharField(max_length=80, blank=True)
    step = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=16, choices=DeliveryState.choices, default=DeliveryState.PLANNED)
    reason = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField()
    cadence = models.CharField(max_length=9, choices=Cadence.choices, blank=True)
    digest = models.ForeignKey(
        "notifications.Digest", on_delete=models.SET_NULL, null=True, related_name="members", db_index=False
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "channel", "endpoint", "step"], name="delivery_once_an_endpoint"
            )
        ]
        indexes = [
            # claim: what is due on a channel; settle: which unknown ones to look up
            # one group's backlog is not in the way of the others
            models.Index(
                fields=["group", "channel", "due_at"],
                condition=Q(state__in=WAITING_OR_UNKNOWN),
                name="delivery_due_of_group",
            ),
            # digests: the members of one
            models.Index(fields=["digest"], condition=Q(digest__isnull=False), name="delivery_of_digest"),
            # sweep: leases that ran out
            models.Index(
                fields=["lease_until"], condition=Q(state=DeliveryState.SENDING), name="delivery_leased"
            ),
            # undelivered: what failed, and what was withheld
            models.Index(
                fields=["group", "-id"],
                condition=Q(state__in=[DeliveryState.DEAD, DeliveryState.FAILED_PERMANENT]),
                name="delivery_failed",
            ),
            models.Index(
                fields=["group", "-id"],
                condition=Q(state=DeliveryState.SUPPRESSED, reason__in=sorted(WITHHELD)),
                name="delivery_withheld",
            ),
            # caps: the texts of a group's day
            models.Index(
                fields=["group", "attempted_at"],
                condition=Q(channel=Channel.SMS, attempted_at__isnull=False),
                name="delivery_texts_of_day",
            ),
            # receipts: the message that a provider calls by this name
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="delivery_at_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"


class Digest(GroupOwned):
    """What was gathered for one person on one channel; told as one message of its own, once a `period`.

    `period` is the local day of a daily digest, the week (« 2026-W09 ») of a weekly one, and else the instant at
    which it was due. The unique row is what keeps a period from being told twice.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="digests", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    cadence = models.CharField(max_length=9, choices=Cadence.choices)
    period = models.CharField(max_length=32)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "channel", "cadence", "period"], name="digest_once_a_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.channel} {self.cadence} {self.period}"


class Escalation(GroupOwned):
    """What is told when nobody has dealt with an event by `due_at`: the notice `type_key`, once."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="escalations", db_index=False)
    type_key = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "type_key"], name="escalation_once_a_notice")]
        indexes = [
            # sweep: what nobody acted on in time
            models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="escalation_due")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.type_key}"
