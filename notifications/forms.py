"""What a person types about when, and how much, he wants to hear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from core.typography import day_words
from notifications.choices import FEWEST_A_DAY, MOST_A_DAY, PLANNED_AHEAD, Quiet, Width
from notifications.models import Absence
from notifications.timing import QuietStretch
from sites.hours import instant_of
from sites.models import Site, User

_TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"})
_DAY = {"type": "date", "class": "form-control"}
_ONE_DAY = timedelta(days=1)
_TOO_FAR = _("This is more than three years ahead. Give an earlier day.")
_NOT_YOURS = _("Choose among your sites.")


class RhythmForm(forms.Form):
    """When a person may be disturbed: by his site's hours, by seven stretches of his own, or always."""

    quiet = forms.ChoiceField(choices=Quiet.choices, widget=forms.RadioSelect)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
        self.fields["time_zone"].choices = [("", _("My site's")), *((name, name) for name in zones)]  # type: ignore[attr-defined]
        for weekday in range(7):
            for edge in ("starts", "ends"):
                self.fields[f"{edge}_{weekday}"] = forms.TimeField(required=False, widget=_TIME)

    @staticmethod
    def initial_of(quiet: Quiet, time_zone: str, stretches: Mapping[int, QuietStretch]) -> dict[str, Any]:
        """What is kept, as the form shows it. Who has no hours of his own yet is offered his nights."""
        shown = stretches or {weekday: QuietStretch(weekday, time(19), time(8)) for weekday in range(7)}
        initial: dict[str, Any] = {"quiet": quiet, "time_zone": time_zone}
        for weekday, stretch in shown.items():
            initial |= {f"starts_{weekday}": stretch.starts, f"ends_{weekday}": stretch.ends}
        return initial

    def days(self) -> Iterator[tuple[str, forms.BoundField, forms.BoundField]]:
        """A line for each weekday: its name and its two times."""
        for weekday in range(7):
            yield str(WEEKDAYS[weekday]), self[f"starts_{weekday}"], self[f"ends_{weekday}"]

    def clean(self) -> dict[str, Any]:
        """Half a stretch says nothing."""
        cleaned = super().clean() or {}
        for weekday in range(7):
            if (cleaned.get(f"starts_{weekday}") is None) != (cleaned.get(f"ends_{weekday}") is None):
                self.add_error(f"ends_{weekday}", _("Give both times of the day, or none."))
        return cleaned

    def stretches(self) -> list[QuietStretch]:
        """The days that have both times."""
        found = []
        for weekday in range(7):
            starts, ends = self.cleaned_data[f"starts_{weekday}"], self.cleaned_data[f"ends_{weekday}"]
            if starts is not None and ends is not None:
                found.append(QuietStretch(weekday, starts, ends))
        return found


class MeasureForm(forms.Form):
    """When the person's recaps come, and how many messages a day may ring for him."""

    recap_at = forms.TimeField(label=_("Recaps at"), widget=_TIME)
    recap_weekday = forms.TypedChoiceField(
        label=_("Weekly recap on"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    daily_limit = forms.IntegerField(
        label=_("Alerts a day at most"),
        min_value=FEWEST_A_DAY,
        max_value=MOST_A_DAY,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
        help_text=_("What comes beyond waits for your next recap. What is critical always rings."),
    )


class AbsenceForm(forms.Form):
    """Days on which the person is away, and who stands in for him."""

    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY))
    stand_in: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=_("Told in my place"),
        queryset=None,
        required=False,
        empty_label=_("Nobody: they wait"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(
        self, *args: Any, today: date, colleagues: Any, planned: Iterable[Absence] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stand_in"].queryset = colleagues  # type: ignore[attr-defined]
        self._today, self._planned = today, planned

    def clean(self) -> dict[str, Any]:
        """In the order of time, not over yet, and on no day of another absence."""
        cleaned = super().clean() or {}
        first_day, last_day = cleaned.get("first_day"), cleaned.get("last_day")
        if first_day and last_day and last_day < first_day:
            self.add_error("last_day", _("The last day cannot be before the first."))
        elif last_day and last_day < self._today:
            self.add_error("last_day", _("These days are over."))
        elif last_day and last_day > self._today + PLANNED_AHEAD:
            self.add_error("last_day", _TOO_FAR)
        elif first_day and last_day:
            self._refuse_overlap(first_day, last_day)
        return cleaned

    def _refuse_overlap(self, first_day: date, last_day: date) -> None:
        for other in self._planned:
            if first_day <= other.last_day and other.first_day <= last_day:
                days = {"first": day_words(other.first_day), "last": day_words(other.last_day)}
                self.add_error("first_day", _("You are away from %(first)s to %(last)s already.") % days)
                return


class DutyForm(forms.Form):
    """An evening or a Sunday on which the person wants a site's alerts. An end before its start is the next day."""

    site: forms.ModelChoiceField[Site] = forms.ModelChoiceField(
        label=_("Site"), queryset=None, empty_label=None, widget=forms.Select(attrs={"class": "form-select"})
    )
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY))
    starts = forms.TimeField(label=_("Begins at"), widget=_TIME)
    ends = forms.TimeField(label=_("Ends at"), widget=_TIME)

    def __init__(self, *args: Any, sites: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self._at = at

    def clean(self) -> dict[str, Any]:
        """The shift as two instants on the site's clock."""
        cleaned = super().clean() or {}
        day = cleaned.get("day")
        if day and abs(day - self._at.date()) > PLANNED_AHEAD:
            self.add_error("day", _("This shift is over.") if day < self._at.date() else _TOO_FAR)
        elif cleaned.get("starts") and cleaned.get("starts") == cleaned.get("ends"):
            self.add_error("ends", _("A shift ends at another time than it begins."))
        elif {"site", "day", "starts", "ends"} <= cleaned.keys():
            zone = cleaned["site"].zone
            ends_on = cleaned["day"] + (_ONE_DAY if cleaned["ends"] <= cleaned["starts"] else timedelta(0))
            cleaned["starts_at"] = _instant(cleaned["day"], cleaned["starts"], zone)
            cleaned["ends_at"] = _instant(ends_on, cleaned["ends"], zone)
            if cleaned["ends_at"] <= self._at:
                self.add_error("day", _("This shift is over."))
        return cleaned


class FollowingForm(forms.Form):
    """How much of one topic the person follows."""

    width = forms.ChoiceField(
        required=False,
        choices=[("", ""), *Width.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    sites = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"invalid_choice": _NOT_YOURS},
    )

    def __init__(self, *args: Any, sites: Sequence[tuple[int, str]], empty: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].choices = sites  # type: ignore[attr-defined]
        self.fields["width"].choices = [("", empty), *Width.choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Chosen sites are at least one."""
        cleaned = super().clean() or {}
        if cleaned.get("width") == Width.SITES and not cleaned.get("sites"):
            self.add_error("sites", _("Choose at least one site."))
        return cleaned


def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return instant_of(datetime.combine(day, wall, zone))
