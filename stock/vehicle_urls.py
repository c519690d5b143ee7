"""Addresses of one vehicle, its photos and its papers: a part of `stock/urls.py`."""

from django.urls import path

from stock.views import edit, papers, photos, vehicle

urlpatterns = [
    path("new/", edit.new, name="new"),
    path("check/", edit.check, name="check"),
    path("photos/<uuid:photo_id>/", photos.large, name="photo"),
    path("photos/<uuid:photo_id>/small/", photos.small, name="thumbnail"),
    path("photos/<uuid:photo_id>/move/", photos.move, name="photo-move"),
    path("photos/<uuid:photo_id>/discard/", photos.discard, name="photo-discard"),
    path("photos/<uuid:photo_id>/restore/", photos.restore, name="photo-restore"),
    path("costs/<int:cost_id>/remove/", papers.remove_cost, name="cost-remove"),
    path("documents/<uuid:document_id>/", papers.paper, name="document"),
    path("documents/<uuid:document_id>/remove/", papers.remove_paper, name="document-remove"),
    path("<uuid:vehicle_id>/", vehicle.vehicle_detail, name="detail"),
    path("<uuid:vehicle_id>/edit/", edit.edit, name="edit"),
    path("<uuid:vehicle_id>/sheet/", vehicle.vehicle_sheet, name="sheet"),
    path("<uuid:vehicle_id>/price/", vehicle.price, name="price"),
    path("<uuid:vehicle_id>/status/", vehicle.status, name="status"),
    path("<uuid:vehicle_id>/highlight/", vehicle.highlight, name="highlight"),
    path("<uuid:vehicle_id>/erase/", vehicle.erase, name="erase"),
    path("<uuid:vehicle_id>/photos/", photos.photo_page, name="photos"),
    path("<uuid:vehicle_id>/photos/add/", photos.add, name="photo-add"),
    path("<uuid:vehicle_id>/photos/order/", photos.order, name="photo-order"),
    path("<uuid:vehicle_id>/costs/add/", papers.add_cost, name="cost-add"),
    path("<uuid:vehicle_id>/documents/add/", papers.add_paper, name="document-add"),
]
