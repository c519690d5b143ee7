"""The bell: it needs no provider, so there is no sandbox either."""

from notifications.channels.base import Adapter
from notifications.channels.in_app.adapter import InAppAdapter


def adapter() -> Adapter:
    """The channel's only adapter."""
    return InAppAdapter()


sandbox = adapter  # the bell needs no provider
