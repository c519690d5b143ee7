"""Addresses of the engine's REST, below /api/v1/."""

from django.urls import path

from notifications.api import filing, inbox, push

app_name = "notifications_api"

urlpatterns = [
    path("inbox/", inbox.InboxView.as_view(), name="inbox"),
    path("inbox/delta/", inbox.InboxDeltaView.as_view(), name="delta"),
    path("inbox/open/", inbox.InboxOpenView.as_view(), name="open"),
    path("inbox/read/", filing.InboxReadView.as_view(), name="read"),
    path("inbox/archive/", filing.InboxArchiveView.as_view(), name="archive"),
    path("inbox/snooze/", filing.InboxSnoozeView.as_view(), name="snooze"),
    path("inbox/undo/", filing.InboxUndoView.as_view(), name="undo"),
    path("inbox/seen/", inbox.InboxSeenView.as_view(), name="seen"),
    path("push/key/", push.PushKeyView.as_view(), name="push-key"),
    path("push/subscriptions/", push.PushSubscriptionsView.as_view(), name="push-subscriptions"),
    path("session/csrf/", push.CsrfTokenView.as_view(), name="csrf"),
]
