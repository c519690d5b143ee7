"""Email: through the provider that `EMAIL_PROVIDER` names, into the sandbox without one."""

from gateways import mail
from notifications.channels import outbox
from notifications.channels.base import Adapter
from notifications.channels.email.adapter import EmailAdapter
from notifications.channels.email.content import copyist


def adapter() -> Adapter:
    """The provider's adapter, or the sandbox."""
    return outbox.kept(EmailAdapter(), copyist) if mail.is_configured() else sandbox()


def sandbox() -> Adapter:
    """What the outbox page shows."""
    return outbox.Sandbox(copyist)
