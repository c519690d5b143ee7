"""Addresses under /approvals/."""

from django.urls import path

from approvals import views

app_name = "approvals"

urlpatterns = [
    path("", views.request_list, name="list"),
    path("waiting/", views.part, {"name": "waiting"}, name="waiting"),
    path("mine/", views.part, {"name": "mine"}, name="mine"),
    path("settled/", views.part, {"name": "settled"}, name="settled"),
    path("count/", views.count, name="count"),
    path("link/<str:token>/", views.link, name="link"),
    path("<uuid:request_id>/", views.request_detail, name="detail"),
    path("<uuid:request_id>/decide/", views.decide, name="decide"),
    path("<uuid:request_id>/delegate/", views.delegate, name="delegate"),
    path("<uuid:request_id>/withdraw/", views.withdraw, name="withdraw"),
]
