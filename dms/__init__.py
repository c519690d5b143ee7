"""The roof: settings, URLs, ASGI, Celery, the home page and the demo. It knows every app; no app knows it."""
