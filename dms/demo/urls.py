"""Addresses of the public dealer pages."""

from django.urls import path

from dms.demo import views

app_name = "demo"

urlpatterns = [
    path("<slug:site_slug>/", views.dealer, name="dealer"),
    path("<slug:site_slug>/merci/", views.thanks, name="thanks"),
]
