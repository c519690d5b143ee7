"""Secrets, hosts, cookies, headers."""

from . import env
from .mode import DATA_DIR, PRODUCTION

if PRODUCTION:
    env.required(["SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL"])


def _kept_secret() -> str:
    """The embedded set-up makes its own secret once and keeps it beside the database."""
    from django.core.management.utils import get_random_secret_key

    path = DATA_DIR / "keys" / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key(), encoding="ascii")
    return path.read_text(encoding="ascii")


SECRET_KEY = env.text("SECRET_KEY") or _kept_secret()
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
X_FRAME_OPTIONS = "DENY"
