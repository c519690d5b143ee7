"""What makes the pages an app on a phone: manifest, service worker, the page for the moment without network."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

RAIL_COLOUR = "#0c2630"  # --rail in static_src/css/tokens.css
OFFLINE_FILES = (
    "vendor/bootstrap.min.css", "vendor/icons.svg", "css/tokens.css", "css/base.css", "css/shell.css",
    "css/components.css", "js/theme.js", "img/icon.svg",
)  # fmt: skip
ICONS = (
    ("img/icon-192.png", "192x192", "any"),
    ("img/icon-512.png", "512x512", "any"),
    ("img/icon-maskable-512.png", "512x512", "maskable"),
)


@require_safe
@cache_control(max_age=3600, public=True)
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest (W3C), in the visitor's language."""
    body = {
        "id": "/",
        "name": _("DMS – leads and alerts"),
        "short_name": "DMS",
        "description": _("Every lead reaches the person who can act on it."),
        "lang": request.LANGUAGE_CODE,
        "start_url": "/?source=app",
        "scope": "/",
        "display": "standalone",
        "background_color": RAIL_COLOUR,
        "theme_color": RAIL_COLOUR,
        "icons": [
            {"src": static(path), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for path, sizes, purpose in ICONS
        ],
        "shortcuts": [{"name": _("Leads to take"), "url": "/leads/?status=new"}],
    }
    response = JsonResponse(body, content_type="application/manifest+json")
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """static_src/sw.js under a line that says what it needs to know; it may control the whole site."""
    source = _worker_source()
    facts = {
        "offline": reverse("offline"),
        "files": [static(path) for path in OFFLINE_FILES],
        "push": static("js/sw-push.js"),
    }
    version = hashlib.sha256((source + json.dumps(facts)).encode()).hexdigest()[:12]
    body = f"self.dms = {json.dumps({'version': version, **facts})};\n{source}"
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@cache
def _worker_source() -> str:
    return (Path(settings.BASE_DIR) / "static_src" / "sw.js").read_text(encoding="utf-8")


@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the service worker, so it knows nobody: the same for everyone who speaks the language."""
    return render(request, "errors/offline.html", {"member": None, "shell": None})
