"""Every address of the product, by app."""

from django.contrib import admin
from django.urls import include, path, re_path

from dms import errors
from dms.health import healthz
from dms.views import gallery, home, installable, person

urlpatterns = [
    # First, because addresses are tried in order and this is the busiest door.
    path("api/v1/", include("dms.api_urls")),
    re_path(r"^api/", errors.api_not_found),
    path("feeds/", include("stock.feed_urls")),
    path("", home.home, name="home"),
    path("home/waiting/", home.waiting, name="waiting"),
    path("", include("notifications.urls")),
    path("me/site/", person.switch_site, name="switch-site"),
    path("me/presence/", person.presence, name="presence"),
    path("me/language/", person.language, name="language"),
    path("me/theme/", person.theme, name="theme"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("manifest.webmanifest", installable.manifest, name="manifest"),
    path("sw.js", installable.service_worker, name="service-worker"),
    path("offline/", installable.offline, name="offline"),
    path("leads/", include("leads.urls")),
    path("approvals/", include("approvals.urls")),
    path("stock/", include("stock.urls")),
    path("imports/", include("imports.urls")),
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("sites.account_urls")),
    path("demo/", include("dms.demo.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "dms.errors.bad_request"
handler403 = "dms.errors.permission_denied"
handler404 = "dms.errors.page_not_found"
handler500 = "dms.errors.server_error"
