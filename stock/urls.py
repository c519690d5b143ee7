"""Addresses under /stock/."""

from django.urls import path

from stock import vehicle_urls
from stock.views import ageing, saved, thresholds, transfers, wanted
from stock.views import list as stock_list

app_name = "stock"

urlpatterns = [
    path("", stock_list.stock_list, name="list"),
    path("filter/", stock_list.filter_panel, name="filter"),
    path("export.csv", stock_list.export, {"form": "csv"}, name="export-csv"),
    path("export.xlsx", stock_list.export, {"form": "xlsx"}, name="export-xlsx"),
    path("columns/", saved.choose_columns, name="columns"),
    path("views/", saved.views, name="views"),
    path("views/undo/", saved.undo, name="view-undo"),
    path("views/<int:view_id>/", saved.change, name="view-change"),
    path("views/<int:view_id>/delete/", saved.delete, name="view-delete"),
    path("views/<int:view_id>/move/", saved.move, name="view-move"),
    path("transfers/", transfers.transfer_list, name="transfers"),
    path("transfers/waiting/", transfers.waiting, name="transfers-waiting"),
    path("transfers/<uuid:transfer_id>/", transfers.transfer_detail, name="transfer"),
    path("transfers/<uuid:transfer_id>/accept/", transfers.accept, name="transfer-accept"),
    path("transfers/<uuid:transfer_id>/refuse/", transfers.refuse, name="transfer-refuse"),
    path("transfers/<uuid:transfer_id>/start/", transfers.start, name="transfer-start"),
    path("transfers/<uuid:transfer_id>/receive/", transfers.receive, name="transfer-receive"),
    path("transfers/<uuid:transfer_id>/cancel/", transfers.cancel, name="transfer-cancel"),
    path("ageing/", ageing.board, name="ageing"),
    path("ageing/<int:site_id>/limits/", ageing.set_limits, name="age-limits"),
    path("thresholds/", thresholds.purchases, name="thresholds"),
    path("thresholds/<int:site_id>/save/", thresholds.save, name="threshold-save"),
    path("thresholds/<int:threshold_id>/remove/", thresholds.remove, name="threshold-remove"),
    path("wanted/", wanted.wanted_list, name="wanted"),
    path("wanted/new/", wanted.new, name="wanted-new"),
    path("wanted/<uuid:wanted_id>/", wanted.wanted_detail, name="wanted-detail"),
    path("wanted/<uuid:wanted_id>/edit/", wanted.edit, name="wanted-edit"),
    path("wanted/<uuid:wanted_id>/end/", wanted.end, name="wanted-end"),
    path("wanted/matches/<int:match_id>/dismiss/", wanted.dismiss, name="match-dismiss"),
    path("<uuid:vehicle_id>/ask/", transfers.ask, name="ask"),
    path("<uuid:vehicle_id>/send/", transfers.send, name="send"),
    *vehicle_urls.urlpatterns,
]
