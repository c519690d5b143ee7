"""Django starts the engine here: kinds of requests are discovered when every app is loaded."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        from approvals import kinds

        kinds.discover()
