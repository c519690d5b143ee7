"""Pages of the inbox and of what each person wants to hear."""

from django.urls import path

from notifications.views import inbox

app_name = "notifications"

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/items/", inbox.items, name="items"),
    path("inbox/latest/", inbox.latest, name="latest"),
    path("inbox/read/", inbox.read_all, name="read-all"),
]
