"""Which of the product's ways to run this process is: demo (embedded), development, test or production."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from . import env

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(env.text("DMS_DATA") or BASE_DIR / "var").resolve()

DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
EMBEDDED = not DATABASE_URL and not REDIS_URL

MODES = ("demo", "development", "test", "production")
MODE = env.text("DMS_MODE") or ("demo" if EMBEDDED else "production")
if MODE not in MODES:
    raise ImproperlyConfigured(f"DMS_MODE={MODE!r}: expected one of {', '.join(MODES)}.")
if MODE == "demo" and not EMBEDDED:
    raise ImproperlyConfigured("DMS_MODE=demo needs the embedded set-up: unset DATABASE_URL and REDIS_URL.")
if MODE == "production" and EMBEDDED:
    raise ImproperlyConfigured("DMS_MODE=production needs DATABASE_URL and REDIS_URL.")

DEMO = MODE == "demo"
PRODUCTION = MODE == "production"
DEBUG = env.flag("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG cannot be on in production.")

PUBLIC_URL = env.text("PUBLIC_URL") or f"http://127.0.0.1:{env.number('PORT', 8000)}"
ROOT_URLCONF = "dms.urls"
WSGI_APPLICATION = "dms.wsgi.application"
ASGI_APPLICATION = "dms.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
