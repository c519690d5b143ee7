"""Providers of the notification channels; without credentials each channel writes to its sandbox."""

from . import env
from .mode import DATA_DIR

EMAIL_PROVIDER = env.text("EMAIL_PROVIDER")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "DMS <notifications@demo.test>")
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN")
TWILIO_FROM = env.text("TWILIO_FROM")
VAPID_PRIVATE_KEY_FILE = env.text("VAPID_PRIVATE_KEY_FILE") or str(DATA_DIR / "keys" / "vapid_private.pem")
VAPID_SUBJECT = env.text("VAPID_SUBJECT", "mailto:notifications@demo.test")
