"""Files that arrive by email: the domain of their addresses, and what proves who brings a mail to /imports/mail/."""

import re

from django.core.exceptions import ImproperlyConfigured

from . import env
from .channels import ANYMAIL, EMAIL_PROVIDER
from .mode import DEMO

_PASSWORD_LENGTH = 20  # characters, as for /webhooks/mail/
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")

# Published like the demo's passwords: a mail can be handed in by hand, and `security.py` keeps the demo off the web.
_DEMO_DOMAIN, _DEMO_SECRET = "files.demo.test", "demo:published-for-the-demo"


def _secret() -> str:
    """Name and password of whoever brings mails; empty where it would be none, and then nobody is believed."""
    secret = env.text("EMAIL_WEBHOOK_SECRET", _DEMO_SECRET if DEMO else "")
    name, _colon, password = secret.partition(":")
    return secret if name and len(password) >= _PASSWORD_LENGTH else ""


# Where a feed's own address ends: feed-…@this. Without it no feed is offered to come by email.
INBOUND_MAIL_DOMAIN = env.text("INBOUND_MAIL_DOMAIN", _DEMO_DOMAIN if DEMO else "").lower()
EMAIL_WEBHOOK_SECRET = _secret()
# Nothing stands behind the demo's domain; its feeds say how to hand a mail in.
MAIL_BY_HAND = DEMO and (INBOUND_MAIL_DOMAIN, EMAIL_WEBHOOK_SECRET) == (_DEMO_DOMAIN, _DEMO_SECRET)
# MailerSend signs mails with another secret than receipts.
if env.text("MAILERSEND_INBOUND_SECRET"):
    ANYMAIL["MAILERSEND_INBOUND_SECRET"] = env.text("MAILERSEND_INBOUND_SECRET")

if INBOUND_MAIL_DOMAIN:
    if not _DOMAIN.fullmatch(INBOUND_MAIL_DOMAIN):
        raise ImproperlyConfigured(
            f"INBOUND_MAIL_DOMAIN={INBOUND_MAIL_DOMAIN!r}: expected a domain, such as files.example.com."
        )
    _signs = EMAIL_PROVIDER == "mailgun" or (
        EMAIL_PROVIDER == "mailersend" and "MAILERSEND_INBOUND_SECRET" in ANYMAIL
    )
    if not (EMAIL_WEBHOOK_SECRET or _signs):
        raise ImproperlyConfigured(
            "INBOUND_MAIL_DOMAIN needs EMAIL_WEBHOOK_SECRET: expected name:password, the password of at least "
            f"{_PASSWORD_LENGTH} characters. Without it no mail is believed."
        )
