"""Addresses under /api/v1/stock/: the stock as staff see it."""

from django.urls import path

from stock.api import list_views

app_name = "stock_api"

urlpatterns = [
    path("", list_views.StockCollection.as_view(), name="collection"),
    path("<uuid:vehicle_id>/", list_views.StockDetail.as_view(), name="detail"),
]
