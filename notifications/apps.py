"""Django starts the engine here: declarations are discovered when every app is loaded."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from notifications import registry

        registry.discover()
