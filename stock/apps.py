"""The app as Django knows it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StockConfig(AppConfig):
    name = "stock"
    verbose_name = _("Stock")

    def ready(self) -> None:
        from stock import panels, photo_tasks, receivers  # noqa: F401 - receivers and tasks announce themselves

        panels.discover()
