"""Base of the admin pages of tenant-owned rows: who may open them, and that no row points at another tenant's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from sites.admin_site import MANAGE, is_platform_staff, may_manage, member_of
from sites.models import User


class OneGroupForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Refuses a row whose site, person or key belongs to another group than the row itself."""

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        group = typed.get("group")
        group_id = group.pk if group is not None else self.instance.group_id
        for name, value in list(typed.items()):
            other = getattr(value, "group_id", None) if isinstance(value, models.Model) else None
            if other is not None and group_id is not None and other != group_id:
                self.add_error(name, _("This belongs to another group."))
        return typed


class MemberAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """An admin page whose permission comes from the roles (`needs`), not from Django's tables."""

    needs = MANAGE
    view_on_site = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_manage(request, self.needs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_manage(request, self.needs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_manage(request, self.needs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_manage(request, self.needs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_manage(request, self.needs)


class GroupOwnedAdmin(MemberAdmin):
    """The rows of one's own group; platform staff also chooses the group. The scope filters the rows themselves."""

    form = OneGroupForm

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        excluded = list(super().get_exclude(request, obj) or [])
        return excluded if is_platform_staff(request) else [*excluded, "group"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A page that lists its fields may name the group; only platform staff sees it."""
        excluded = self.get_exclude(request, obj)
        return [name for name in super().get_fields(request, obj) if name not in excluded]

    def get_list_filter(self, request: HttpRequest) -> Any:
        shown = list(super().get_list_filter(request))
        return ["group", *shown] if is_platform_staff(request) else shown

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form knows the group of a new row before it is checked."""
        form = super().get_form(request, obj, change=change, **kwargs)
        member = member_of(request)
        if is_platform_staff(request) or member is None:
            return form
        own_group_id = member.group_id

        class OwnGroupForm(form):  # type: ignore[misc,valid-type]  # Django makes the base at run time
            def __init__(self, *args: Any, **kw: Any) -> None:
                super().__init__(*args, **kw)
                self.instance.group_id = self.instance.group_id or own_group_id

            def _get_validation_exclusions(self) -> set[str]:
                """The group is not typed, yet it counts when names must be unique within it."""
                exclusions: set[str] = super()._get_validation_exclusions()
                return exclusions - {"group"}

        return OwnGroupForm

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """People are not scoped by their manager, so the choice of people is narrowed here."""
        member = member_of(request)
        if db_field.related_model is User and not is_platform_staff(request) and member is not None:
            kwargs["queryset"] = User.objects.filter(group_id=member.group_id)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class OneGroupFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    """Lines take the group of their page, and may point at nothing of another one."""

    def clean(self) -> None:
        super().clean()
        group_id = _group_of(self.instance)
        for form in self.forms:
            for name, value in list(getattr(form, "cleaned_data", {}).items()):
                other = getattr(value, "group_id", None) if isinstance(value, models.Model) else None
                if other is not None and other != group_id:
                    form.add_error(name, _("This belongs to another group."))

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = _("Delete")

    def save_new(self, form: Any, commit: bool = True) -> Any:
        form.instance.group_id = _group_of(self.instance)
        return super().save_new(form, commit=commit)


def _group_of(row: models.Model) -> int | None:
    group_id: int | None = getattr(row, "group_id", None)
    return group_id


class GroupOwnedInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """Lines of a tenant-owned row: they take its group and its permission."""

    extra = 0
    exclude = ["group"]
    formset = OneGroupFormSet

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """The column's title is its label for the eye; screen readers need it on each field."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs["aria-label"] = str(db_field.verbose_name)
        return field

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_manage(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_manage(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_manage(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_manage(request)
