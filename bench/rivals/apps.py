from django.apps import AppConfig


class RivalsConfig(AppConfig):
    name = "bench.rivals"
    label = "rivals"
    default_auto_field = "django.db.models.BigAutoField"
