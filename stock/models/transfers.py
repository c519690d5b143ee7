"""A vehicle on its way from one site to another: asked, accepted or refused, under way, received."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.ids import new_id
from sites.models import GroupOwned, Site, User, group_without_index
from stock.models.vehicles import Vehicle


class TransferState(models.TextChoices):
    ASKED = "asked", _("Asked for")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", pgettext_lazy("transfer", "Refused")
    UNDER_WAY = "under_way", _("Under way")
    RECEIVED = "received", pgettext_lazy("transfer", "Received")
    CANCELLED = "cancelled", pgettext_lazy("transfer", "Cancelled")


# A vehicle has one of these at a time.
OPEN_TRANSFERS = (TransferState.ASKED, TransferState.ACCEPTED, TransferState.UNDER_WAY)


class Transfer(GroupOwned):
    """`asked_by` wants it at `to_site`, for a customer or for the stock; `from_site` decides and sends it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = group_without_index()
    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="transfers")
    from_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", verbose_name=_("from"))
    to_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", verbose_name=_("to"))
    state = models.CharField(
        _("state"), max_length=10, choices=TransferState.choices, default=TransferState.ASKED
    )
    reason = models.CharField(_("why"), max_length=300, blank=True)
    customer_name = models.CharField(_("customer"), max_length=120, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    sent_at = models.DateTimeField(null=True)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    received_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    received_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    cancelled_at = models.DateTimeField(null=True)
    mileage = models.PositiveIntegerField(_("mileage on arrival (km)"), null=True, blank=True)
    remarks = models.CharField(_("remarks on arrival"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle"], condition=Q(state__in=[*OPEN_TRANSFERS]), name="transfer_one_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(from_site=F("to_site")), name="transfer_between_two_sites"),
        ]
        indexes = [
            # the board of a group's open transfers
            models.Index(fields=["group", "state", "-id"], name="transfer_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.from_site_id} → {self.to_site_id}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_TRANSFERS

    @property
    def is_asked(self) -> bool:
        return self.state == TransferState.ASKED

    @property
    def was_asked_for(self) -> bool:
        """Whether somebody asked; else the site sent it off by itself."""
        return self.sent_at is None or self.decided_at is not None

    @property
    def icon(self) -> str:
        return _LOOKS[TransferState(self.state)][0]

    @property
    def chip(self) -> str:
        """The class of the chip that shows its state."""
        return _LOOKS[TransferState(self.state)][1]


_LOOKS = {
    TransferState.ASKED: ("hourglass-split", "chip-warm"),
    TransferState.ACCEPTED: ("check2", "chip-good"),
    TransferState.REFUSED: ("x-lg", "chip-bad"),
    TransferState.UNDER_WAY: ("truck", "chip-info"),
    TransferState.RECEIVED: ("check2-circle", "chip-good"),
    TransferState.CANCELLED: ("dash-circle", ""),
}
