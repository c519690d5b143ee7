"""`manage.py seed_demo`: the groups, people and leads that a newcomer plays with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.clock import now
from dms.demo.seeding import NotInProduction, seed


class Command(BaseCommand):
    help = "Make the demo's groups, people and leads, unless they are there already. Refuses production."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = seed(at=now())
        except NotInProduction:
            raise CommandError("The demo has published passwords: it is not for production.") from None
        if options["verbosity"]:
            self.stdout.write(f"Made: {', '.join(made)}" if made else "The demo is already there.")
