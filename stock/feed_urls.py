"""Addresses under /feeds/: public, for programs."""

from django.urls import path

from stock.views import feeds

app_name = "feeds"

urlpatterns = [
    path("photos/<uuid:photo_id>.jpg", feeds.photo, name="photo"),
    path("photos/<uuid:photo_id>-small.jpg", feeds.thumbnail, name="thumbnail"),
    path("<str:token>/stock.json", feeds.stock_json, name="json"),
    path("<str:token>/stock.csv", feeds.stock_csv, name="csv"),
]
