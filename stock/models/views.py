"""The stock list as somebody wants to see it again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sites.models import GroupOwned, User


class SavedView(GroupOwned):
    """A filter of the stock list under a name; `query` is the address's, `columns` what the table shows."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="stock_views")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    columns = models.JSONField(default=list)
    is_shared = models.BooleanField(_("for everybody in the group"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="stock_view_name_once")]

    def __str__(self) -> str:
        return self.name


class ChosenColumns(GroupOwned):
    """What the stock table shows a person who has chosen: keys of `stock.columns`, in order."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="stock_columns")
    keys = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.user_id}: {len(self.keys)}"
