"""The roof as a Django app."""

from django.apps import AppConfig


class DmsConfig(AppConfig):
    """Makes the Celery application the one that every `shared_task` belongs to, and registers the checks."""

    name = "dms"

    def ready(self) -> None:
        """Load what has to be known before the first request or task."""
        from dms import celery, checks

        celery.app.set_default()
        checks.register()
