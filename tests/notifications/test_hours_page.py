"""« My hours »: a person says when he may be disturbed, on a phone and without JavaScript; mistakes are explained."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from core.clock import now
from notifications.models import Absence, DutyShift, Following, QuietHours, Rhythm
from sites.models import Group, Site, User
from sites.scope import group_scope
from tests.cast import make_person, signed_in
from tests.notifications.test_timing import PARIS

PAGE = "/preferences/hours/"


def post(person: User, path: str, **data: Any) -> Any:
    return signed_in(person).post(PAGE + path, data)


def test_the_page_shows_that_the_site_decides_until_the_person_does(camille: User):
    content = signed_in(camille).get(PAGE).content.decode()

    assert 'value="site"' in content
    assert "En ce moment, vos alertes sonnent." in content  # nobody said when Lyon is open


def test_own_hours_are_kept_and_shown_again(camille: User, in_rhone: None):
    answer = post(camille, "quiet/", quiet="own", time_zone="Europe/Paris", starts_0="22:00", ends_0="06:30")

    assert answer.headers["Location"] == PAGE
    assert Rhythm.objects.get().quiet == "own"
    assert list(QuietHours.objects.values_list("weekday", "starts", "ends")) == [(0, time(22), time(6, 30))]
    content = signed_in(camille).get(PAGE).content.decode()
    assert 'name="starts_0" value="22:00"' in content
    assert 'name="starts_1" value=' not in content


def test_choosing_again_replaces_what_was_chosen(camille: User, in_rhone: None):
    post(camille, "quiet/", quiet="own", starts_0="22:00", ends_0="06:30")

    post(camille, "quiet/", quiet="never")

    assert Rhythm.objects.get().quiet == "never"
    assert not QuietHours.objects.exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"quiet": "own", "starts_0": "22:00"}, "Indiquez les deux heures de la journée, ou aucune."),
        ({"quiet": "own", "starts_0": "25:00", "ends_0": "06:00"}, "heure valide"),
        ({"quiet": "whenever"}, "whenever"),
        ({"quiet": "own", "time_zone": "Mars/Phobos"}, "Mars/Phobos"),
    ],
)
def test_what_cannot_be_kept_is_explained_and_nothing_changes(
    camille: User, in_rhone: None, data: dict[str, str], says: str
):
    answer = post(camille, "quiet/", **data)

    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not Rhythm.objects.exists()


def test_an_absence_is_added_and_taken_away(camille: User, in_rhone: None):
    today = now().astimezone(PARIS).date()
    post(camille, "away/", first_day=today.isoformat(), last_day=(today + timedelta(days=3)).isoformat())
    (absence,) = Absence.objects.all()

    quiet = signed_in(camille).get(PAGE).content.decode()
    post(camille, f"away/{absence.pk}/remove/")

    assert "Vous êtes absent." in quiet
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        (3, 1, "Le dernier jour ne peut pas précéder le premier."),
        (-5, -3, "Ces jours sont passés."),
        (0, 4 * 366, "plus de trois ans"),
    ],
)
def test_days_in_the_wrong_order_are_refused(camille: User, in_rhone: None, first: int, last: int, says: str):
    today = date.today()  # noqa: DTZ011 - days from now, whatever the zone

    answer = post(
        camille,
        "away/",
        first_day=(today + timedelta(days=first)).isoformat(),
        last_day=(today + timedelta(days=last)).isoformat(),
    )

    assert says in answer.content.decode()
    assert not Absence.objects.exists()


def test_a_night_shift_ends_on_the_next_day(camille: User, lyon: Site, in_rhone: None):
    day = now().astimezone(PARIS).date() + timedelta(days=2)

    post(camille, "duty/", site=lyon.pk, day=day.isoformat(), starts="19:00", ends="01:00")

    shift = DutyShift.objects.get()
    assert shift.starts_at.astimezone(PARIS).date() == day
    assert shift.ends_at.astimezone(PARIS).date() == day + timedelta(days=1)
    post(camille, f"duty/{shift.pk}/remove/")
    assert not DutyShift.objects.exists()


def test_nobody_is_away_twice_on_a_day(camille: User, in_rhone: None):
    today = now().date()
    first, last = today + timedelta(days=3), today + timedelta(days=9)
    post(camille, "away/", first_day=first.isoformat(), last_day=last.isoformat())

    overlap = post(camille, "away/", first_day=last.isoformat(), last_day=last.isoformat())
    after = (last + timedelta(days=1)).isoformat()
    beside = post(camille, "away/", first_day=after, last_day=after)

    assert (overlap.status_code, beside.status_code) == (400, 302)
    assert "Vous êtes déjà absent" in overlap.content.decode()
    assert Absence.objects.count() == 2


def test_a_shift_of_no_length_is_refused(camille: User, lyon: Site, in_rhone: None):
    day = now().date() + timedelta(days=2)

    answer = post(camille, "duty/", site=lyon.pk, day=day.isoformat(), starts="10:00", ends="10:00")

    assert answer.status_code == 400
    assert not DutyShift.objects.exists()


def test_who_is_away_reads_why_it_is_quiet(camille: User, in_rhone: None):
    today = now().date()
    days = {"first_day": today - timedelta(days=1), "last_day": today + timedelta(days=1)}
    Absence.objects.create(group_id=camille.group_id or 0, user=camille, **days)

    assert "Vous êtes absent" in signed_in(camille).get(PAGE).content.decode()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_shift_at_the_end_of_the_calendar_is_refused(camille: User, lyon: Site, in_rhone: None, day: str):
    answer = post(camille, "duty/", site=lyon.pk, day=day, starts="22:00", ends="06:00")

    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()


def test_who_is_away_for_ever_still_sees_his_page_and_comes_back(camille: User, in_rhone: None):
    absence = Absence.objects.create(
        group_id=camille.group_id or 0, user=camille, first_day=date(2026, 3, 2), last_day=date(9999, 12, 31)
    )

    assert "31 décembre 9999" in signed_in(camille).get(PAGE).content.decode()
    assert post(camille, f"away/{absence.pk}/remove/").status_code == 302


def test_nobody_volunteers_for_a_site_that_is_not_his(camille: User, marseille: Site, in_rhone: None):
    day = now().date() + timedelta(days=2)

    answer = post(camille, "duty/", site=marseille.pk, day=day.isoformat(), starts="19:00", ends="21:00")

    assert answer.status_code == 400
    assert not DutyShift.objects.exists()


def test_nobody_takes_a_colleagues_absence_or_shift_away(
    camille: User, karim: User, lyon: Site, rhone: Group, in_rhone: None
):
    today = now().date()
    absence = Absence.objects.create(group=rhone, user=karim, first_day=today, last_day=today)
    shift = DutyShift.objects.create(
        group=rhone, user=karim, site=lyon, starts_at=now(), ends_at=now() + timedelta(hours=1)
    )

    answers = [
        post(camille, f"away/{absence.pk}/remove/").status_code,
        post(camille, f"duty/{shift.pk}/remove/").status_code,
    ]

    assert answers == [404, 404]
    assert Absence.objects.exists()
    assert DutyShift.objects.exists()


def test_how_much_to_follow_is_kept_by_topic(diane: User, lyon: Site, marseille: Site, in_rhone: None):
    post(diane, "follow/everything/", **{"everything-width": "major"})
    post(diane, "follow/leads/", **{"leads-width": "sites", "leads-sites": [marseille.pk]})
    kept = dict(Following.objects.values_list("topic", "width"))

    post(diane, "follow/leads/", **{"leads-width": ""})

    assert kept == {"": "major", "leads": "sites"}
    assert Following.objects.get().topic == ""


def test_following_chosen_sites_needs_a_site(diane: User, in_rhone: None):
    answer = post(diane, "follow/leads/", **{"leads-width": "sites"})

    assert "Choisissez au moins un site." in answer.content.decode()
    assert not Following.objects.exists()


def test_an_unknown_topic_is_not_found(diane: User, in_rhone: None):
    assert post(diane, "follow/nothing/", **{"nothing-width": "major"}).status_code == 404


def test_a_site_of_another_group_is_no_choice(diane: User, rival: Group, in_rhone: None):
    with group_scope(rival.pk):
        theirs = Site.objects.filter(group=rival).first() or Site.objects.create(
            group=rival, name="Ailleurs", slug="ailleurs"
        )
    make_person(rival, "Zoé Rivale", "salesperson", theirs)

    answer = post(diane, "follow/leads/", **{"leads-width": "sites", "leads-sites": [theirs.pk]})

    assert answer.status_code == 400
    assert not Following.objects.exists()


def test_recaps_and_the_daily_limit_are_kept_and_leave_the_hours_alone(camille: User, in_rhone: None):
    post(camille, "quiet/", quiet="never")

    answer = post(camille, "recaps/", recap_at="17:45", recap_weekday="4", daily_limit="20")

    rhythm = Rhythm.objects.get()
    assert answer.headers["Location"] == PAGE
    assert (rhythm.recap_at, rhythm.recap_weekday, rhythm.daily_limit) == (time(17, 45), 4, 20)
    assert rhythm.quiet == "never"
    assert 'value="17:45"' in signed_in(camille).get(PAGE).content.decode()


@pytest.mark.parametrize("limit", ["4", "501", "-1", "beaucoup", ""])
def test_a_limit_that_silences_everything_or_nothing_is_explained(camille: User, in_rhone: None, limit: str):
    answer = post(camille, "recaps/", recap_at="18:00", recap_weekday="0", daily_limit=limit)

    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()
    assert not Rhythm.objects.exists()
