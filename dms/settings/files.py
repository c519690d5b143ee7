"""What people hand in: photos and documents of vehicles, in the data folder, served by views that know who asks."""

from pathlib import Path

from . import env
from .mode import DATA_DIR

MEDIA_ROOT = Path(env.text("MEDIA_ROOT") or DATA_DIR / "media")
# No address leads there by itself.
MEDIA_URL = "/media-is-served-by-views/"
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
# Eighty photos in one go, and the fields of their form.
DATA_UPLOAD_MAX_NUMBER_FILES = 100
