"""Addresses under /api/v1/feeds/."""

from django.urls import path

from stock.api import views

app_name = "feeds_api"

urlpatterns = [
    path("stock.json", views.StockJson.as_view(), name="json"),
    path("stock.csv", views.StockTable.as_view(), name="csv"),
]
