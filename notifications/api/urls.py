"""Addresses of the engine's REST, below /api/v1/."""

from django.urls import path

from notifications.api import inbox

app_name = "notifications_api"

urlpatterns = [
    path("inbox/", inbox.InboxView.as_view(), name="inbox"),
    path("inbox/delta/", inbox.InboxDeltaView.as_view(), name="delta"),
    path("inbox/read/", inbox.InboxReadView.as_view(), name="read"),
    path("inbox/seen/", inbox.InboxSeenView.as_view(), name="seen"),
]
