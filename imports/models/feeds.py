"""Where rows come from again and again: a file of a portal, of a manufacturer, of the system before ours."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sites.models import GroupOwned, Site

# Percent of a feed's rows that may be missing from its next file before the run stops and asks.
VANISH_LIMIT = 20


class Way(models.TextChoices):
    """How a feed's file reaches us."""

    UPLOAD = "upload", _("Uploaded in the browser")
    HTTPS = "https", _("Fetched from a web address")
    SFTP = "sftp", _("Fetched from an SFTP server")
    MAIL = "mail", _("Sent by email")


class Priority(models.TextChoices):
    """Who wins in a field that a person has changed by hand since."""

    FEED = "feed", _("The feed")
    PERSON = "person", _("The person")


class DayOrder(models.TextChoices):
    """How 03/04/2021 is read in a feed's files."""

    BY_ITSELF = "", _("Recognised by itself")
    DAY_FIRST = "dm", _("Day before month (25/03/2026)")
    MONTH_FIRST = "md", _("Month before day (03/25/2026)")


class Feed(GroupOwned):
    """One source of rows for named sites, with what was learnt of its files.

    `mapping` is column header → field name; `values` is field name → (as written, folded → as kept); `priorities` is
    field name → `Priority`, absent means the importer's own default.
    """

    name = models.CharField(_("name"), max_length=120)
    importer = models.CharField(max_length=64)
    sites = models.ManyToManyField(Site, related_name="feeds", verbose_name=_("sites"))
    way = models.CharField(_("arrives"), max_length=8, choices=Way.choices, default=Way.UPLOAD)
    address = models.CharField(_("address"), max_length=1000, blank=True)
    account = models.CharField(_("user name"), max_length=120, blank=True)
    secret = models.TextField(blank=True, editable=False)
    host_key = models.CharField(_("key of the server"), max_length=200, blank=True)
    mail_token = models.CharField(max_length=32, blank=True, editable=False)
    every_minutes = models.PositiveIntegerField(_("every … minutes"), null=True, blank=True)
    due_at = models.DateTimeField(null=True, editable=False)
    mapping = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    priorities = models.JSONField(default=dict)
    day_order = models.CharField(
        _("order in dates"), max_length=2, choices=DayOrder.choices, default=DayOrder.BY_ITSELF, blank=True
    )
    vanish_limit = models.PositiveSmallIntegerField(
        _("stop when more than this share vanishes (%)"),
        default=VANISH_LIMIT,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["group", "name"], name="feed_name_once"),
            models.UniqueConstraint(
                fields=["mail_token"], condition=~Q(mail_token=""), name="feed_mail_token_once"
            ),
        ]
        indexes = [
            # sweep: which feeds are to be fetched
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="feed_due"),
        ]

    def __str__(self) -> str:
        return self.name
