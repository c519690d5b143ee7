"""Manifest, service worker and offline page: what makes the site an app."""

from __future__ import annotations

import json
import re

from django.contrib.staticfiles import finders
from django.test import Client

from sites.models import User
from tests.cast import signed_in


def test_the_manifest_names_icons_that_exist(db: None):
    response = Client().get("/manifest.webmanifest")

    manifest = response.json()
    assert response.headers["Content-Type"] == "application/manifest+json"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    missing = [
        icon["src"] for icon in manifest["icons"] if not finders.find(icon["src"].removeprefix("/static/"))
    ]
    assert missing == []


def test_the_manifest_speaks_the_readers_language(camille: User):
    camille.language = "en"
    camille.save()

    assert signed_in(camille).get("/manifest.webmanifest").json()["lang"] == "en"


def test_the_worker_may_control_the_whole_site_and_is_always_asked_for(db: None):
    response = Client().get("/sw.js")

    assert response.headers["Service-Worker-Allowed"] == "/"
    assert "no-cache" in response.headers["Cache-Control"]
    assert response.headers["Content-Type"].startswith("text/javascript")


def test_what_the_worker_keeps_exists(db: None):
    source = Client().get("/sw.js").content.decode()
    found = re.match(r"self\.dms = (\{.*\});", source)
    assert found is not None
    facts = json.loads(found.group(1))

    missing = [path for path in facts["files"] if not finders.find(path.removeprefix("/static/"))]

    assert missing == []
    assert finders.find(facts["push"].removeprefix("/static/"))


def test_the_offline_page_knows_nobody(camille: User):
    page = signed_in(camille).get("/offline/").content.decode()

    assert camille.last_name not in page
    assert camille.email not in page
