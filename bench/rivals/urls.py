"""The product's addresses and the rivals' beside them: one server, one set of middleware for both.

The rivals come first, so that they pay for no address of ours.
"""

from django.urls import path

from bench.rivals import views
from dms.urls import *  # noqa: F403 - the product as it is
from dms.urls import urlpatterns as product

urlpatterns = [
    path("bench/insert/", views.insert),
    path("bench/publish/", views.insert_and_publish),
    *product,
]
