"""Addresses under /api/v1/leads/."""

from django.urls import path

from leads.api import views

app_name = "leads_api"

urlpatterns = [
    path("", views.LeadCollection.as_view(), name="collection"),
    path("<uuid:lead_id>/", views.LeadDetail.as_view(), name="detail"),
    path("<uuid:lead_id>/claim/", views.LeadClaim.as_view(), name="claim"),
    path("<uuid:lead_id>/release/", views.LeadRelease.as_view(), name="release"),
    path("<uuid:lead_id>/spam/", views.LeadSpam.as_view(), name="spam"),
]
