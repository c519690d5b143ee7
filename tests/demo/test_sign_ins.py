"""The demo's people on the sign-in page: in demo mode only, and demo mode never beside production settings."""

import os
import subprocess
import sys

import pytest
from django.test import Client

from tests.architecture.sources import ROOT


def test_in_the_demo_the_sign_in_page_offers_its_people(client: Client, db: None, settings):
    settings.DEMO = True

    page = client.get("/accounts/login/").content.decode()

    assert 'data-demo-email="vendeur.lyon@demo.test"' in page
    assert 'data-demo-email="vendeur@rival.test"' in page
    assert "onclick" not in page


def test_elsewhere_it_does_not(client: Client, db: None, settings):
    settings.DEMO = False

    assert "data-demo-email" not in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    ("production", "complaint"),
    [
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY"),
        ({"PUBLIC_URL": "https://dms.example"}, "PUBLIC_URL"),
        ({"TWILIO_AUTH_TOKEN": "token"}, "TWILIO"),
        (
            {"EMAIL_PROVIDER": "smtp", "EMAIL_HOST": "mail.example", "DEFAULT_FROM_EMAIL": "a@dms.example"},
            "EMAIL_PROVIDER",
        ),
        ({"DATABASE_URL": "postgresql://db/dms", "REDIS_URL": "redis://broker"}, "DATABASE_URL"),
    ],
)
def test_demo_mode_refuses_to_start_with_production_settings(
    tmp_path, production: dict[str, str], complaint: str
):
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment = {**kept, "DMS_MODE": "demo", "DMS_DATA": str(tmp_path), **production}

    ended = subprocess.run(
        [sys.executable, "-c", "import dms.settings"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode != 0
    assert "ImproperlyConfigured" in ended.stderr
    assert complaint in ended.stderr
