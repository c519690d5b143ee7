"""Groups, sites with their hours, people with their roles, and API keys."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock import now
from sites.admin_base import GroupOwnedAdmin, GroupOwnedInline, MemberAdmin, OneGroupForm
from sites.admin_site import is_platform_staff, member_of
from sites.models import ApiKey, Group, Membership, OpeningHours, Site, SiteClosure, User
from sites.services import issue_api_key, revoke_api_key


class PlatformAdmin(MemberAdmin):
    """Pages for the platform's staff only; to others no row of theirs exists."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows if is_platform_staff(request) else rows.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_platform_staff(request)

    has_add_permission = has_module_permission

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_platform_staff(request)

    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission


@admin.register(Group)
class GroupAdmin(PlatformAdmin):
    list_display = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(AccessAttempt)
class LockAdmin(PlatformAdmin):
    """Failed sign-ins; deleting a line unlocks that person at that address."""

    list_display = ["username", "ip_address", "failures_since_start", "attempt_time"]
    search_fields = ["username", "ip_address"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OpeningHoursInline(GroupOwnedInline):
    model = OpeningHours


class SiteClosureInline(GroupOwnedInline):
    model = SiteClosure


@admin.register(Site)
class SiteAdmin(GroupOwnedAdmin):
    list_display = ["name", "group", "time_zone", "country", "phone"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [OpeningHoursInline, SiteClosureInline]


class MembershipInline(GroupOwnedInline):
    model = Membership


class NewPersonForm(AdminUserCreationForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A new person; without a password he chooses one by the link on the sign-in page."""

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name", "group", "language"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email.lower()


@admin.register(User)
class PersonAdmin(MemberAdmin, DjangoUserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """People of one's group. Only platform staff moves somebody between groups or makes him platform staff."""

    add_form = NewPersonForm
    list_display = ["last_name", "first_name", "email", "group", "is_active"]
    list_filter = ["is_active", "language"]
    search_fields = ["last_name", "first_name", "email"]
    ordering = ["last_name", "first_name"]
    filter_horizontal = []
    inlines = [MembershipInline]
    readonly_fields = ["last_login", "joined_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows = User.objects.select_related("group")
        member = member_of(request)
        if is_platform_staff(request):
            return rows
        return rows.filter(group_id=member.group_id, is_superuser=False) if member else rows.none()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            fields = ["email", "first_name", "last_name", *self._group_field(request), "language"]
            return [(None, {"fields": [*fields, "usable_password", "password1", "password2"]})]
        switches = ["is_active", *(["is_superuser"] if is_platform_staff(request) else [])]
        return [
            (None, {"fields": ["email", "password", "first_name", "last_name", "phone", "language"]}),
            (gettext_lazy("Work"), {"fields": [*self._group_field(request), "is_present", *switches]}),
            (gettext_lazy("Dates"), {"fields": ["last_login", "joined_at"]}),
        ]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Roles come once the person exists and has a group."""
        return self.inlines if obj is not None and obj.group_id else []

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        member = member_of(request)
        if not is_platform_staff(request) and member is not None:
            obj.group_id = member.group_id
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A person who left is switched off, so that what he did keeps its author."""
        return is_platform_staff(request)

    @staticmethod
    def _group_field(request: HttpRequest) -> list[str]:
        return ["group"] if is_platform_staff(request) else []


class ApiKeyForm(OneGroupForm):
    """The scopes as tick boxes."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=[
            ("leads:write", gettext_lazy("Send leads")),
            ("leads:read", gettext_lazy("Read the leads of the key’s own source")),
            ("leads:read_all", gettext_lazy("Read every lead of the group, contact details included")),
            ("stock:read", gettext_lazy("Read the vehicles of the key’s public feed")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ApiKey
        fields = ["group", "name", "scopes"]


@admin.register(ApiKey)
class ApiKeyAdmin(GroupOwnedAdmin):
    """Keys are shown once, when they are made; afterwards only their first letters are known."""

    form = ApiKeyForm
    list_display = ["name", "prefix", "group", "created_at", "last_used_at", "revoked_at"]
    fields = ["group", "name", "scopes", "prefix", "created_at", "last_used_at", "revoked_at"]
    readonly_fields = ["prefix", "created_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        issued = issue_api_key(group_id=obj.group_id, name=obj.name, scopes=obj.scopes)
        obj.pk, obj.prefix = issued.api_key.pk, issued.api_key.prefix
        messages.warning(request, _("The key, shown this once: %(key)s") % {"key": issued.text})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A key is revoked, not deleted: its leads keep their source."""
        return False

    @admin.action(description=gettext_lazy("Revoke the chosen keys"))
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        at = now()
        revoked = sum(revoke_api_key(api_key_id=api_key.pk, at=at) for api_key in chosen)
        messages.success(request, _("Keys revoked: %(count)d") % {"count": revoked})
