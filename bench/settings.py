"""The product's own settings, with the rivals' table and addresses beside them. Same server, same middleware."""

# ruff: noqa: F403, F405 - the product's settings and one more app
from dms.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "bench.rivals"]
ROOT_URLCONF = "bench.rivals.urls"
ALLOWED_HOSTS = ["*"]
INTAKE_POSTS = 10_000_000  # a benchmark is the flood that the cap is for; posts are still counted
VAPID_PRIVATE_KEY_FILE = "no-keys.pem"  # this machine may have keys; what is measured ends in the sandbox
