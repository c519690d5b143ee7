"""Where a part of the stock is shown to everybody: the dealer's website, a portal."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from sites.models import ApiKey, GroupOwned, Site
from stock.models.words import SELLABLE, Kind, VehicleStatus

# Bytes of randomness in an address that is its own key: beyond guessing.
TOKEN_BYTES = 24

# Whatever left the stock is never published, whoever ticks what.
PUBLISHABLE = (*SELLABLE, VehicleStatus.RESERVED)


def new_token() -> str:
    """The unguessable part of an outlet's address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def _every_kind() -> list[str]:
    return list(Kind.values)


def _on_the_yard() -> list[str]:
    return [VehicleStatus.AVAILABLE.value, VehicleStatus.RESERVED.value]


class Outlet(GroupOwned):
    """A public feed: vehicles of `sites` of these `statuses` and `kinds`, with what customers may know of them.

    A machine that can send a header reads with `api_key` (scope `stock:read`), one that can only fetch an address by
    `token`. That is kept readable, unlike a key: whoever holds it sees what the dealer shows to everybody. `version`
    tells the content that was seen last, `changed_at` since when it is so.
    """

    name = models.CharField(_("name"), max_length=120)
    sites = models.ManyToManyField(Site, related_name="outlets", verbose_name=_("sites"))
    statuses = models.JSONField(_("statuses"), default=_on_the_yard)
    kinds: models.JSONField[Any, Any] = models.JSONField(_("kinds"), default=_every_kind)
    with_priceless = models.BooleanField(_("also vehicles without a price"), default=True)
    api_key = models.OneToOneField(
        ApiKey,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="outlet",
        verbose_name=_("API key"),
    )
    by_address = models.BooleanField(
        _("also by a secret address"),
        default=False,
        help_text=_("For portals that can only fetch an address."),
    )
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.CharField(max_length=64, blank=True, editable=False)
    changed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("public feed")
        verbose_name_plural = _("public feeds")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="outlet_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def published_statuses(self) -> list[str]:
        """What it may show of what was ticked."""
        return [status for status in PUBLISHABLE if status in self.statuses]
