"""Who changed what the group decided."""

from __future__ import annotations

from django.db import models

from notifications.choices import Channel
from sites.models import GroupOwned, User, group_without_index
from sites.roles import Role


class RoleDefaultChange(GroupOwned):
    """One role default that somebody changed; None is « as the product has it ».

    What was saved together shares a `batch`, so that it can be taken back together.
    """

    group = group_without_index()
    batch = models.UUIDField()
    role = models.CharField(max_length=32, choices=Role.choices)
    type_key = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    before = models.BooleanField(null=True)
    after = models.BooleanField(null=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "role", "type_key", "channel"], name="role_default_changed_once_a_batch"
            )
        ]
        indexes = [
            # the page of the role defaults: the latest changes of a group
            models.Index(fields=["group", "-id"], name="role_default_changes")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.type_key} {self.channel}: {self.before} → {self.after}"
