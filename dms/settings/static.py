"""Front-end files: ours from static_src/, libraries copied there from npm at set-up, served by WhiteNoise."""

from pathlib import Path

from . import env
from .mode import BASE_DIR, DEBUG, MODE

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static_src"]
# Filled by collectstatic for production; elsewhere files are served from where they are.
STATIC_ROOT = Path(env.text("STATIC_ROOT") or BASE_DIR / "static_built") if MODE == "production" else None
WHITENOISE_USE_FINDERS = MODE != "production"
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "dms.storage.HashedFiles"
            if MODE == "production"
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
