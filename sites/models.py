"""Groups, sites, people and their memberships. Everything tenant-owned stands on `GroupOwned`."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sites.managers import GroupManager
from sites.roles import Role

E164 = RegexValidator(
    r"^\+[1-9]\d{6,14}$", _("Enter the number in international form, for example +33612345678.")
)


def validate_time_zone(name: str) -> None:
    """Accept IANA names only, e.g. Europe/Paris."""
    if name not in available_timezones():
        raise ValidationError(_("Unknown time zone."))


class Group(models.Model):
    """A dealership group: the tenant. Its rows are seen by nobody else."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), unique=True)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")

    def __str__(self) -> str:
        return self.name


class GroupOwned(models.Model):
    """Base of every tenant-owned model: it has a group, and `objects` refuses to work outside a scope."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+", verbose_name=_("group"))

    objects: ClassVar[GroupManager[Self]] = GroupManager()

    class Meta:
        abstract = True


def group_without_index(*, checked: bool = True) -> models.ForeignKey[Group, Group]:
    """The `group` of a table that is written often: nobody looks its rows up by the group alone.

    Not `checked` where the same statement copies it from a row that was: the database need not look twice.
    """
    return models.ForeignKey(
        Group,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("group"),
        db_index=False,
        db_constraint=checked,
    )


class Site(GroupOwned):
    """One dealership location with its own clock, hours and holidays."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"))
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/Paris", validators=[validate_time_zone]
    )
    country = models.CharField(
        _("country"), max_length=2, default="FR", help_text=_("ISO 3166-1 code, e.g. FR, CA")
    )
    region = models.CharField(
        _("region for public holidays"), max_length=8, blank=True, help_text=_("e.g. QC")
    )
    phone = models.CharField(_("phone"), max_length=16, blank=True, validators=[E164])
    latitude = models.FloatField(
        _("latitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("In degrees, e.g. 45.7640: with both, searches tell how far a car stands."),
    )
    longitude = models.FloatField(
        _("longitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=_("In degrees, east of Greenwich; e.g. 4.8357, in Québec -71.2080."),
    )

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["group", "slug"], name="site_slug_unique_in_group"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="site_placed_by_both",
                violation_error_message=_("Latitude and longitude go together."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class OpeningHours(GroupOwned):
    """One stretch of opening on a weekday (Monday is 0), in the site's own time; a lunch break makes two rows."""

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="opening_hours", verbose_name=_("site")
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        choices=[
            (0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")),
            (4, _("Friday")), (5, _("Saturday")), (6, _("Sunday")),
        ],
    )  # fmt: skip
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F("opens")), name="opening_hours_close_after_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class SiteClosure(GroupOwned):
    """A day on which the site is closed although the calendar would have it open (inventory, bridge day)."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closures", verbose_name=_("site"))
    day = models.DateField(_("day"))
    label = models.CharField(_("reason"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["site", "day"], name="site_closed_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.label}"


class UserManager(BaseUserManager["User"]):
    """Users sign in by email, compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. He belongs to one group; only the platform's own staff has none.

    Not a `GroupOwned` model: signing in happens before any scope is known. Lists of colleagues go
    through `Membership`, which is scoped.
    """

    email = models.EmailField(_("email address"), unique=True)
    group = models.ForeignKey(
        Group, on_delete=models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("group")
    )
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    phone = models.CharField(_("mobile phone"), max_length=16, blank=True, validators=[E164])
    language = models.CharField(
        _("language"), max_length=2, default="fr", choices=[("fr", "Français"), ("en", "English")]
    )
    is_present = models.BooleanField(
        _("present"), default=True, help_text=_("Takes part in the rotation of assigned leads.")
    )
    is_staff = models.BooleanField(_("may use the admin site"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["last_name", "first_name"]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        return (self.first_name[:1] + self.last_name[:1]).upper() or self.email[:1].upper()

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name or self.email


class Membership(GroupOwned):
    """A person's role on one site, or on all sites of the group when `site` is empty."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships", verbose_name=_("site"),
        help_text=_("Empty: every site of the group."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "site"], name="membership_once_per_site"),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(site__isnull=True),
                name="membership_once_for_all_sites",
            ),
        ]
        indexes = [
            # routing: the people of a role on a site
            models.Index(fields=["group", "role", "site"], name="membership_by_role_and_site")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @classmethod
    def of_user(cls, user: User) -> models.QuerySet[Membership]:
        """The person's memberships in his own group; the one read that opens the scope and so cannot need it."""
        rows: models.QuerySet[Membership] = cls._base_manager.filter(user=user, group=user.group)
        return rows


class ApiKey(GroupOwned):
    """A key for machines. Only its SHA-256 is kept: the key is random, so a slow hash would add nothing."""

    name = models.CharField(_("name"), max_length=120)
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def digest_of(key: str) -> str:
        return hashlib.sha256(key.encode()).hexdigest()

    def is_usable(self, at: datetime) -> bool:
        return self.revoked_at is None or self.revoked_at > at
