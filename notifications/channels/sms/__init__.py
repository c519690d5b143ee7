"""Text messages: through Twilio when its credentials are set, into the sandbox otherwise."""

from gateways import sms
from notifications.channels import outbox
from notifications.channels.base import Adapter
from notifications.channels.sms.adapter import SmsAdapter
from notifications.channels.sms.content import copyist


def adapter() -> Adapter:
    """Twilio, or the sandbox."""
    return outbox.kept(SmsAdapter(), copyist) if sms.is_configured() else sandbox()


def sandbox() -> Adapter:
    """What the outbox page shows."""
    return outbox.Sandbox(copyist)
