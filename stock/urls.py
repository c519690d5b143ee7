"""Addresses under /stock/."""

from django.urls import path

from stock.views import transfers

app_name = "stock"

urlpatterns = [
    path("transfers/", transfers.transfer_list, name="transfers"),
    path("transfers/waiting/", transfers.waiting, name="transfers-waiting"),
    path("transfers/<uuid:transfer_id>/", transfers.transfer_detail, name="transfer"),
    path("transfers/<uuid:transfer_id>/accept/", transfers.accept, name="transfer-accept"),
    path("transfers/<uuid:transfer_id>/refuse/", transfers.refuse, name="transfer-refuse"),
    path("transfers/<uuid:transfer_id>/start/", transfers.start, name="transfer-start"),
    path("transfers/<uuid:transfer_id>/receive/", transfers.receive, name="transfer-receive"),
    path("transfers/<uuid:transfer_id>/cancel/", transfers.cancel, name="transfer-cancel"),
    path("<uuid:vehicle_id>/ask/", transfers.ask, name="ask"),
    path("<uuid:vehicle_id>/send/", transfers.send, name="send"),
]
