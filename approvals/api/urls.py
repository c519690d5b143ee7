"""Addresses under /api/v1/approvals/."""

from django.urls import path

from approvals.api import views

app_name = "approvals_api"

urlpatterns = [
    path("", views.RequestCollection.as_view(), name="collection"),
    path("<uuid:request_id>/", views.RequestDetail.as_view(), name="detail"),
    path("<uuid:request_id>/approve/", views.Approve.as_view(), name="approve"),
    path("<uuid:request_id>/refuse/", views.Refuse.as_view(), name="refuse"),
]
