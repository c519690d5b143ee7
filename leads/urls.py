"""Addresses under /leads/."""

from django.urls import path

from leads import views

app_name = "leads"

urlpatterns = [
    path("", views.lead_list, name="list"),
    path("<uuid:lead_id>/", views.lead_detail, name="detail"),
    path("<uuid:lead_id>/claim/", views.claim, name="claim"),
    path("<uuid:lead_id>/discount/", views.discount, name="discount"),
    path("<uuid:lead_id>/release/", views.release, name="release"),
    path("<uuid:lead_id>/spam/", views.spam, name="spam"),
]
