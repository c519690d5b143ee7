"""Web Push: real as soon as the push keys exist (`manage.py make_vapid_keys`); it needs no account anywhere."""

from gateways.vapid import current_keys
from notifications.channels import outbox
from notifications.channels.base import Adapter
from notifications.channels.push.adapter import PushAdapter
from notifications.channels.push.payload import copyist


def adapter() -> Adapter:
    """The real push service with our keys, the sandbox without."""
    keys = current_keys()
    return outbox.kept(PushAdapter(keys), copyist) if keys else sandbox()


def sandbox() -> Adapter:
    """What the outbox page shows."""
    return outbox.Sandbox(copyist)
