"""Pages and API: what granian serves in production and the embedded server runs in its threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dms.settings")

application = get_wsgi_application()
