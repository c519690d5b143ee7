"""Addresses of the public dealer pages."""

from django.urls import path

from dms.demo import samples, views

app_name = "demo"

urlpatterns = [
    path("feeds/", samples.samples, name="samples"),
    path("feeds/<str:name>", samples.sample, name="sample"),
    path("<slug:site_slug>/", views.dealer, name="dealer"),
    path("<slug:site_slug>/merci/", views.thanks, name="thanks"),
]
