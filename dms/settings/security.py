"""Secrets, hosts, cookies, headers."""

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from . import env
from .mode import DATA_DIR, DEMO, PRODUCTION, PUBLIC_URL

# Django's own deployment check asks for as much.
_SECRET_KEY_LENGTH = 50

# Who sets one of these means production; demo mode, with its published passwords, must not start beside them.
_NOT_IN_DEMO = (
    "SECRET_KEY",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_SECOND_AUTH_TOKEN",
    "EMAIL_PROVIDER",
    "EMAIL_SECOND_PROVIDER",
)


def _kept_secret() -> str:
    """The embedded set-up makes its own secret once and keeps it beside the database."""
    from django.core.management.utils import get_random_secret_key

    path = DATA_DIR / "keys" / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key(), encoding="ascii")
    return path.read_text(encoding="ascii")


def _refuse_weak_production() -> None:
    env.required(["SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "DATABASE_URL", "REDIS_URL"])
    if len(env.text("SECRET_KEY")) < _SECRET_KEY_LENGTH:
        raise ImproperlyConfigured(
            f"SECRET_KEY is too short: at least {_SECRET_KEY_LENGTH} random characters."
        )
    if "*" in env.words("ALLOWED_HOSTS"):
        raise ImproperlyConfigured("ALLOWED_HOSTS=* accepts any host: name yours.")
    if not PUBLIC_URL.startswith("https://"):
        raise ImproperlyConfigured(f"PUBLIC_URL={PUBLIC_URL!r}: production is served over https.")


def _refuse_public_demo() -> None:
    found = [name for name in _NOT_IN_DEMO if env.text(name)]
    if PUBLIC_URL.startswith("https://"):
        found.append("PUBLIC_URL")
    if found:
        raise ImproperlyConfigured(
            f"Demo mode has published passwords and cannot run with production settings ({', '.join(found)}). "
            "Set DATABASE_URL and REDIS_URL for production, or DMS_MODE=development."
        )


if PRODUCTION:
    _refuse_weak_production()
if DEMO:
    _refuse_public_demo()

SECRET_KEY = env.text("SECRET_KEY") or _kept_secret()
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_SAMESITE = "Lax"

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION
# The container's own health check speaks plain HTTP from the inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
# Caddy sets this header on every request and drops what a client sends under that name.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],  # Bootstrap's own icons are data: URLs in its stylesheet
        "manifest-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "worker-src": [SELF],
    }
}
