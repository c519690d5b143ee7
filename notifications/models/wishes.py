"""What a group and its people wish: on which channel, of how much, how soon, and when."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from notifications.choices import (
    DAILY_LIMIT,
    FEWEST_A_DAY,
    MOST_A_DAY,
    Cadence,
    Channel,
    Quiet,
    Width,
    usual_recap_at,
)
from sites.models import GroupOwned, Site, User, group_without_index, validate_time_zone
from sites.roles import Role


class RoleDefault(GroupOwned):
    """A group's own default for a role and a notice type on one channel; absent means the declaration's default."""

    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    type_key = models.CharField(_("notice"), max_length=64)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    enabled = models.BooleanField(_("on"))

    class Meta:
        verbose_name = _("role default")
        verbose_name_plural = _("role defaults")
        constraints = [
            models.UniqueConstraint(fields=["group", "role", "type_key", "channel"], name="role_default_once")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.type_key} {self.channel}"


class Preference(GroupOwned):
    """A person's own choice on one channel, for a whole category or (with `type_key`) for one type of it.

    It beats role defaults, a type's choice beats its category's; absent means « as my role ».
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notification_preferences")
    category = models.CharField(max_length=32)
    type_key = models.CharField(max_length=64, blank=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    enabled = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "category", "type_key", "channel"], name="preference_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.type_key or self.category} {self.channel}"


class Following(GroupOwned):
    """How much a person wants to hear of: of everything, of a category, or of one type; the closest one counts.

    It only narrows: nobody hears of what his roles do not let him see. `site_ids` counts for `Width.SITES`.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followings")
    topic = models.CharField(
        max_length=64, blank=True, help_text="a category's or a type's key; empty: everything"
    )
    width = models.CharField(max_length=8, choices=Width.choices)
    site_ids = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="following_once_a_topic")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.topic} {self.width}"


class Pace(GroupOwned):
    """How soon a person is told on one channel, of a category or of one type; absent means « as my role ».

    A type's pace counts before its category's. The inbox knows none: there everything stands at once.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="paces")
    topic = models.CharField(max_length=64, help_text="a category's or a type's key")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    cadence = models.CharField(max_length=9, choices=Cadence.choices, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "topic", "channel"], name="pace_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.topic} {self.channel} {self.cadence}"


class Rhythm(GroupOwned):
    """When and how much a person may be disturbed; absent means the defaults below."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="rhythm")
    quiet = models.CharField(_("quiet"), max_length=5, choices=Quiet.choices, default=Quiet.SITE)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[validate_time_zone],
        help_text=_("Empty: my site's."),
    )  # fmt: skip
    recap_at = models.TimeField(_("recap at"), default=usual_recap_at)
    recap_weekday = models.PositiveSmallIntegerField(_("weekly recap on"), default=0)  # Monday is 0
    daily_limit = models.PositiveSmallIntegerField(
        _("alerts a day"),
        default=DAILY_LIMIT,
        validators=[MinValueValidator(FEWEST_A_DAY), MaxValueValidator(MOST_A_DAY)],
    )

    def __str__(self) -> str:
        return f"{self.user_id} {self.quiet}"


class Attention(GroupOwned):
    """How many messages rang for a person on `day`, his latest local one: what his daily limit is held against."""

    group = group_without_index()
    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="attention")
    day = models.DateField()
    told = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}: {self.told}"


class QuietHours(GroupOwned):
    """A stretch in which nothing but the critical rings for a person, by his own clock.

    It begins on `weekday` (Monday is 0); one that ends at or before its start ends on the next day.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="quiet_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))

    class Meta:
        ordering = ["weekday", "starts"]
        constraints = [
            models.UniqueConstraint(fields=["user", "weekday", "starts"], name="quiet_hours_start_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="quiet_hours_on_a_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.weekday} {self.starts:%H:%M}–{self.ends:%H:%M}"


class Absence(GroupOwned):
    """Days, by the person's own clock, on which he is away: nothing but the critical rings for him.

    What he would have heard of the `stand_in` hears as well, as far as he may.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    stand_in = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("stand-in"),
        db_index=False,
    )  # fmt: skip

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(stand_in=F("user")), name="absence_covered_by_another"),
        ]
        indexes = [
            # the door: who is away
            models.Index(fields=["user", "last_day"], name="absence_of_user"),
            # routing: who of the group has a stand-in now; what a person may see as one
            models.Index(
                fields=["group", "last_day"], condition=Q(stand_in__isnull=False), name="absence_covered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.first_day}–{self.last_day}"


class DutyShift(GroupOwned):
    """A volunteer wants a site's alerts between two instants although they are quiet for him (« permanence »)."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", verbose_name=_("site"))
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="duty_shifts")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_ends_after_it_starts")
        ]
        indexes = [models.Index(fields=["user", "ends_at"], name="duty_of_user")]  # routing: who is on duty

    def __str__(self) -> str:
        return f"{self.user_id} {self.starts_at:%Y-%m-%d %H:%M}"
