"""Every address under /api/v1/, by app."""

from django.urls import include, path

from dms.api_schema import Schema
from dms.views.api_docs import api_docs

urlpatterns = [
    path("leads/", include("leads.api.urls")),
    path("approvals/", include("approvals.api.urls")),
    path("feeds/", include("stock.api.urls")),
    path("stock/", include("stock.api.list_urls")),
    path("stock/", include("stock.api.action_urls")),
    path("", include("notifications.api.urls")),
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", api_docs, name="api-docs"),
]
