"""The demo app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "dms.demo"
    label = "demo"
