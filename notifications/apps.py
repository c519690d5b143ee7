"""Django starts the engine here: declarations are discovered when every app is loaded."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Alerts")

    def ready(self) -> None:
        from notifications import registry
        from notifications.ledger import statements

        registry.discover()
        statements.discover()
