"""Django's admin app with our site in the place of its own."""

from django.contrib.admin.apps import AdminConfig


class ScopedAdminConfig(AdminConfig):
    """`django.contrib.admin`, whose pages run inside the tenant scope."""

    default_site = "sites.admin_site.GroupAdminSite"
