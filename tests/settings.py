"""The product's settings for a test run: a data folder of its own, quick hashing, nothing shared between workers."""

# ruff: noqa: F403, F405 - the product's settings with a few changes
import os

from tests.isolation import private_data_folder, redis_of_this_worker

os.environ.setdefault("DMS_MODE", "test")
os.environ["DMS_DATA"] = private_data_folder()
if os.environ.get("REDIS_URL"):
    os.environ["REDIS_URL"] = redis_of_this_worker(os.environ["REDIS_URL"])

from dms.settings import *
from dms.settings.database import DATABASES

INTAKE_POSTS = 1_000_000  # every test posts through the same few sources; those of the cap set their own

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A file, as in production: threads share no in-memory database the way they share a file. Nothing of it must
# outlive a power cut.
if DATABASES["default"]["ENGINE"] == "dms.embedded.sqlite":
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"
