"""Registers the clients of the outside world with Django."""

from django.apps import AppConfig


class GatewaysConfig(AppConfig):
    name = "gateways"
