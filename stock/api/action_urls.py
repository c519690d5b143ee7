"""Addresses under /api/v1/stock/: what the buttons of alerts post to."""

from django.urls import path

from stock.api import actions

app_name = "stock_actions"

urlpatterns = [
    path("transfers/<uuid:transfer_id>/accept/", actions.Accept.as_view(), name="accept"),
    path("transfers/<uuid:transfer_id>/refuse/", actions.Refuse.as_view(), name="refuse"),
    path("vehicles/<uuid:vehicle_id>/highlight/", actions.Highlight.as_view(), name="highlight"),
]
