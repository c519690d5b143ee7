"""Every address of the product, by app."""

from django.contrib import admin
from django.urls import include, path

from dms.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
