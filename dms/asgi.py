"""What uvicorn serves: the inbox socket, and (where no WSGI server stands in front) pages and API as well."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dms.settings")

# Loads the apps; everything below needs their models.
pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from dms.sockets import SameOrigin, nothing_here  # noqa: E402
from notifications.live.consumer import InboxConsumer  # noqa: E402

sockets = SameOrigin(
    URLRouter(
        [
            path("ws/inbox/", InboxConsumer.as_asgi()),
            re_path(r"", nothing_here),  # type: ignore[arg-type]  # Channels routes to ASGI applications
        ]
    )
)

application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
