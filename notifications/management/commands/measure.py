"""`manage.py measure`: works the measures of all alerts out anew, from the first one on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.clock import now
from notifications.measuring import measure
from sites.models import Group
from sites.scope import group_scope


class Command(BaseCommand):
    help = "Work out the measures of every group from its first alert on. May be run at any time."

    def handle(self, *_args: Any, **options: Any) -> None:
        for group in Group.objects.order_by("pk"):
            with group_scope(group.pk):
                measure(group.pk, since=None, at=now())
            if options["verbosity"] > 0:
                self.stdout.write(f"Measured {group.name}")
