"""`manage.py make_vapid_keys`: the key pair of Web Push, once."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from gateways.vapid import make_keys


class Command(BaseCommand):
    help = "Make the push keys unless they exist. Never replaces them: every subscription would be lost."

    def handle(self, *_args: Any, **options: Any) -> None:
        path = Path(settings.VAPID_PRIVATE_KEY_FILE)
        made = make_keys(path)
        if options["verbosity"] > 0:
            self.stdout.write(f"{'Made' if made else 'Kept'} {path}")
