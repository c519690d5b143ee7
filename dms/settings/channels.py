"""Providers of the notification channels; without credentials each channel writes to its sandbox.

Half a set of credentials stops the start and says which half is missing.
"""

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from . import env
from .mode import DATA_DIR, DEMO, PRODUCTION, PUBLIC_URL

# The address a person sees and may answer to.
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "DMS <notifications@demo.test>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Seconds for one provider call; a worker must not hang on somebody else's bad day.
PROVIDER_TIMEOUT = 10

# --- Email: EMAIL_PROVIDER -> (backend, setting -> is it required) ---------------------------------------
_ANYMAIL = "anymail.backends.{}.EmailBackend"
_EMAIL_PROVIDERS: dict[str, tuple[str, dict[str, bool]]] = {
    "smtp": ("django.core.mail.backends.smtp.EmailBackend", {"EMAIL_HOST": True}),
    "amazon_ses": (
        _ANYMAIL.format("amazon_ses"),
        {"AWS_ACCESS_KEY_ID": True, "AWS_SECRET_ACCESS_KEY": True, "AWS_DEFAULT_REGION": True},
    ),
    "brevo": (_ANYMAIL.format("brevo"), {"BREVO_API_KEY": True}),
    "mailersend": (_ANYMAIL.format("mailersend"), {"MAILERSEND_API_TOKEN": True}),
    "mailgun": (
        _ANYMAIL.format("mailgun"),
        {"MAILGUN_API_KEY": True, "MAILGUN_SENDER_DOMAIN": False, "MAILGUN_API_URL": False},
    ),
    "mailjet": (_ANYMAIL.format("mailjet"), {"MAILJET_API_KEY": True, "MAILJET_SECRET_KEY": True}),
    "mandrill": (_ANYMAIL.format("mandrill"), {"MANDRILL_API_KEY": True}),
    "postmark": (_ANYMAIL.format("postmark"), {"POSTMARK_SERVER_TOKEN": True}),
    "resend": (_ANYMAIL.format("resend"), {"RESEND_API_KEY": True}),
    "scaleway": (_ANYMAIL.format("scaleway"), {"SCALEWAY_SECRET_KEY": True, "SCALEWAY_PROJECT_ID": True}),
    "sendgrid": (_ANYMAIL.format("sendgrid"), {"SENDGRID_API_KEY": True}),
    "sparkpost": (_ANYMAIL.format("sparkpost"), {"SPARKPOST_API_KEY": True, "SPARKPOST_API_URL": False}),
}

# What proves that a call to /webhooks/mail/ comes from the provider: EMAIL_PROVIDER -> variable -> anymail's name.
# Without it anybody could switch a colleague's address off; so it stops the start.
_BY_PASSWORD = {"EMAIL_WEBHOOK_SECRET": "WEBHOOK_SECRET"}
_WEBHOOK_SECRETS: dict[str, dict[str, str]] = {
    "brevo": _BY_PASSWORD,
    "mailersend": {"MAILERSEND_SIGNING_SECRET": "MAILERSEND_SIGNING_SECRET"},
    "mailgun": {"MAILGUN_WEBHOOK_SIGNING_KEY": "MAILGUN_WEBHOOK_SIGNING_KEY"},
    "mailjet": _BY_PASSWORD,
    "mandrill": {"MANDRILL_WEBHOOK_KEY": "MANDRILL_WEBHOOK_KEY"},
    "postmark": _BY_PASSWORD,
    "resend": _BY_PASSWORD,
    "sendgrid": _BY_PASSWORD,
    "sparkpost": _BY_PASSWORD,
}
_PASSWORD_LENGTH = 20  # characters

EMAIL_PROVIDER = env.text("EMAIL_PROVIDER").lower()
# The one that is asked when the first is out.
EMAIL_SECOND_PROVIDER = env.text("EMAIL_SECOND_PROVIDER").lower()
# Account mails (a forgotten password) when no provider is set: into the demo's outbox, else onto the console.
EMAIL_BACKEND = (
    "notifications.mailbox.OutboxBackend" if DEMO else "django.core.mail.backends.console.EmailBackend"
)
ANYMAIL: dict[str, Any] = {"REQUESTS_TIMEOUT": PROVIDER_TIMEOUT}


def _backend_of(variable: str, webhook: str) -> str:
    """The backend of the provider that `variable` names, its secrets read; what is missing stops the start."""
    provider = env.text(variable).lower()
    if provider not in _EMAIL_PROVIDERS:
        raise ImproperlyConfigured(f"{variable}={provider!r}: expected one of {', '.join(_EMAIL_PROVIDERS)}.")
    if provider == "amazon_ses" and find_spec("boto3") is None:
        raise ImproperlyConfigured(f"{variable}=amazon_ses needs the package boto3; its SMTP door does not.")
    backend, wanted = _EMAIL_PROVIDERS[provider]
    secrets = _WEBHOOK_SECRETS.get(provider, {})
    env.required(["DEFAULT_FROM_EMAIL", *(name for name, required in wanted.items() if required), *secrets])
    name, _colon, password = env.text("EMAIL_WEBHOOK_SECRET").partition(":")
    if secrets is _BY_PASSWORD and not (name and len(password) >= _PASSWORD_LENGTH):
        raise ImproperlyConfigured(
            f"EMAIL_WEBHOOK_SECRET: expected name:password, the password of at least {_PASSWORD_LENGTH} characters."
        )
    ANYMAIL.update({setting: env.text(variable) for variable, setting in secrets.items()})
    if provider == "mandrill":  # it signs the address as it knows it, not as it looks behind the proxy
        ANYMAIL["MANDRILL_WEBHOOK_URL"] = f"{PUBLIC_URL.rstrip('/')}{webhook}"
    if provider not in ("smtp", "amazon_ses"):
        ANYMAIL.update({name: env.text(name) for name in wanted if env.text(name)})
    return backend


EMAIL_SECOND_BACKEND = ""
if EMAIL_PROVIDER:
    EMAIL_BACKEND = _backend_of("EMAIL_PROVIDER", "/webhooks/mail/")
if EMAIL_SECOND_PROVIDER:
    if EMAIL_SECOND_PROVIDER == EMAIL_PROVIDER or not EMAIL_PROVIDER:
        raise ImproperlyConfigured("EMAIL_SECOND_PROVIDER: expected another one beside EMAIL_PROVIDER.")
    EMAIL_SECOND_BACKEND = _backend_of("EMAIL_SECOND_PROVIDER", "/webhooks/mail/second/")

EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", default=EMAIL_PORT == 465)
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=EMAIL_PORT == 587)
EMAIL_TIMEOUT = PROVIDER_TIMEOUT

# --- SMS --------------------------------------------------------------------------------------------------
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN")
# A number in E.164, a sender name, or a messaging service (MG…).
TWILIO_FROM = env.text("TWILIO_FROM")
# Another address than Twilio's own: a fake in tests.
TWILIO_API_URL = env.text("TWILIO_API_URL", "https://api.twilio.com")
if TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN:
    env.required(["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"])
# A second account, that is asked when the first is out. It has a number of its own.
TWILIO_SECOND_ACCOUNT_SID = env.text("TWILIO_SECOND_ACCOUNT_SID")
TWILIO_SECOND_AUTH_TOKEN = env.text("TWILIO_SECOND_AUTH_TOKEN")
TWILIO_SECOND_FROM = env.text("TWILIO_SECOND_FROM")
TWILIO_SECOND_API_URL = env.text("TWILIO_SECOND_API_URL", "https://api.twilio.com")
if TWILIO_SECOND_ACCOUNT_SID or TWILIO_SECOND_AUTH_TOKEN:
    env.required(["TWILIO_SECOND_ACCOUNT_SID", "TWILIO_SECOND_AUTH_TOKEN", "TWILIO_SECOND_FROM"])
    env.required(["TWILIO_ACCOUNT_SID"])  # there is no second without a first
# ISO 3166-1 codes; a number elsewhere is refused, because paid routes abroad are what fraud lives on.
_FRANCE_OVERSEAS = ["GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF"]
SMS_COUNTRIES = env.words("SMS_COUNTRIES", ["FR", *_FRANCE_OVERSEAS, "BE", "CH", "LU", "MC", "CA", "US"])
# Texts a day: a salesperson who gets more than one every half hour is not helped by the next one; a site and a
# group by what their largest days needed. What is critical may use so many percent more.
SMS_CAP_NUMBER = env.number("SMS_CAP_NUMBER", 20)
SMS_CAP_SITE = env.number("SMS_CAP_SITE", 300)
SMS_CAP_GROUP = env.number("SMS_CAP_GROUP", 1000)
SMS_CAP_RESERVE = env.number("SMS_CAP_RESERVE", 20)
if min(SMS_CAP_NUMBER, SMS_CAP_SITE, SMS_CAP_GROUP, SMS_CAP_RESERVE) < 0:
    raise ImproperlyConfigured("SMS_CAP_…: expected 0 or more.")

# --- Push -------------------------------------------------------------------------------------------------
VAPID_PRIVATE_KEY_FILE = env.text("VAPID_PRIVATE_KEY_FILE") or str(DATA_DIR / "keys" / "vapid_private.pem")
# Who a push service writes to when our messages misbehave: mailto: or an https address (RFC 8292 §2.1).
VAPID_SUBJECT = env.text("VAPID_SUBJECT") or (
    f"https://{urlsplit(PUBLIC_URL).hostname}"
    if PUBLIC_URL.startswith("https://")
    else "mailto:notifications@demo.test"
)
# The services of the browser makers; `*.` stands for any names before it.
PUSH_SERVICES = [
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
    *env.words("PUSH_EXTRA_SERVICES"),
]
PUSH_DEVICES_PER_PERSON = 10

# Fakes of the tests listen on this machine; nowhere else may an address from outside lead there.
SAFE_HTTP_ALLOWS_LOOPBACK = env.flag("SAFE_HTTP_ALLOWS_LOOPBACK")
if PRODUCTION and SAFE_HTTP_ALLOWS_LOOPBACK:
    raise ImproperlyConfigured("SAFE_HTTP_ALLOWS_LOOPBACK is for tests and cannot be on in production.")

# --- Canaries ---------------------------------------------------------------------------------------------
# Every so many minutes a message that nobody waits for takes each channel's road; 0 switches them off. It ends in the
# sandbox, unless an address is named: a mailbox and a phone of your own, through the provider, a text every 12 times.
CANARY_MINUTES = env.number("CANARY_MINUTES", 10)
CANARY_EMAIL = env.text("CANARY_EMAIL").lower()
CANARY_PHONE = env.text("CANARY_PHONE")
if CANARY_MINUTES < 0:
    raise ImproperlyConfigured("CANARY_MINUTES: expected 0 or more.")

# « Boîte d'envoi » always shows what a sandbox would have sent. Where this is on it also keeps a copy of what
# really left, as the demo does; elsewhere the delivery rows are the record, and copies hold customers' words.
OUTBOX_KEEPS_COPIES = env.flag("OUTBOX_KEEPS_COPIES", default=DEMO)
