"""Five thousand facts at once become a few alerts and one that says that there is more; none of them is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.ids import new_id
from leads.notices import LeadEnquiredAgainNotice, LeadQuarantinedNotice
from leads.signals import LeadQuarantined, lead_enquired_again, lead_quarantined
from notifications import inbox
from notifications.choices import Channel, Urgency
from notifications.declarations import Storm
from notifications.models import Delivery, Event, Notification
from notifications.selectors import inbox_items
from sites.models import Site, User
from tests.cast import MONDAY, signed_in
from tests.notifications.road import choose, received, route, tell_and_route

pytestmark = pytest.mark.usefixtures("in_rhone")

LIMIT = (LeadQuarantinedNotice.storm or Storm()).more_than
LIMIT_OF_ENQUIRIES = (LeadEnquiredAgainNotice.storm or Storm()).more_than


def quarantined(site: Site, number: int, at: datetime = MONDAY) -> None:
    """So many requests are set aside, and whatever the road makes of them is routed."""
    for n in range(number):
        fact = LeadQuarantined(
            group_id=site.group_id,
            site_id=site.pk,
            occurred_at=at,
            lead_id=new_id(),
            customer_name=f"Robot {n}",
            source_name="Site web",
            site_name=site.name,
            suspicion="honeypot",
        )
        lead_quarantined.send(fact)
        for event in Event.objects.filter(routed_at=None).order_by("pk"):
            route(event, at)
    for event in Event.objects.filter(routed_at=None):
        route(event, at)


def titles(person: User) -> list[str]:
    return [item.title for item in inbox_items(person, limit=200)]


def test_the_first_ring_and_the_rest_is_one_alert(lyon: Site, claire: User):
    quarantined(lyon, LIMIT + 30)

    shown = titles(claire)
    assert len(shown) == LIMIT + 1
    assert shown[0] == "Beaucoup d’alertes à la fois : Demande en quarantaine"
    assert inbox.state_of(claire.pk)[1] == LIMIT + 1


def test_none_is_lost_and_the_page_lists_them(lyon: Site, claire: User):
    quarantined(lyon, LIMIT + 30)

    mine = Notification.objects.filter(user=claire, event__type_key="leads.quarantined")
    (url,) = {item.url for item in inbox_items(claire) if item.key == "notifications.storm"}
    page = signed_in(claire).get(url).content.decode()
    assert mine.count() == LIMIT + 30
    assert mine.filter(reason="in_storm").count() == 30
    assert page.count("Robot ") >= 30


def test_nothing_is_sent_for_what_is_gathered(lyon: Site, claire: User):
    quarantined(lyon, LIMIT + 30)

    gathered = Notification.objects.filter(reason="in_storm")
    assert not Delivery.objects.filter(notification__in=gathered).exists()


def test_control_as_many_in_a_day_ring_each(lyon: Site, claire: User):
    for n in range(LIMIT + 5):
        quarantined(lyon, 1, MONDAY + timedelta(minutes=11 * n))

    assert len(titles(claire)) == LIMIT + 5
    assert not Notification.objects.filter(reason="in_storm").exists()


def test_when_the_storm_is_over_each_rings_again(lyon: Site, claire: User):
    quarantined(lyon, LIMIT + 5)

    quarantined(lyon, 1, MONDAY + timedelta(minutes=11))

    assert len(titles(claire)) == LIMIT + 2


def test_another_site_has_weather_of_its_own(
    lyon: Site, marseille: Site, diane: User, claire: User, marc: User
):
    quarantined(lyon, LIMIT + 5)

    quarantined(marseille, 1)

    of_marseille = Notification.objects.filter(event__payload__site_id=marseille.pk)
    assert not of_marseille.filter(reason="in_storm").exists()


def test_every_lead_rings_however_many(lyon: Site, camille: User):
    for n in range(LIMIT + 30):
        tell_and_route(received(lyon, customer_name=f"Client {n}"))

    assert len(titles(camille)) == LIMIT + 30


def test_the_critical_is_never_gathered(lyon: Site, claire: User, monkeypatch: pytest.MonkeyPatch):
    from notifications import directory

    monkeypatch.setattr(LeadQuarantinedNotice, "urgency", Urgency.CRITICAL)
    directory._statement.cache_clear()

    quarantined(lyon, LIMIT + 5)

    directory._statement.cache_clear()
    assert len(titles(claire)) == LIMIT + 5


def test_a_storm_of_somebody_else_is_as_good_as_missing(lyon: Site, claire: User, camille: User):
    quarantined(lyon, LIMIT + 5)
    (url,) = {item.url for item in inbox_items(claire) if item.key == "notifications.storm"}

    for path in (url, "/inbox/gathered/leads.quarantined/nonsense/", "/inbox/gathered/nothing/20260302-09/"):
        assert signed_in(camille).get(path).status_code == 404


def test_a_storm_tells_each_of_those_whom_it_reaches_later(lyon: Site, camille: User, karim: User):
    """What comes to an owner in person, within the hour in which a colleague was told already."""
    for owner, times in ((karim, LIMIT_OF_ENQUIRIES + 5), (camille, 2)):
        for n in range(times):
            asked_again(lyon, owner, n)

    for owner in (karim, camille):
        heard = [item for item in inbox_items(owner, limit=200) if item.key == "notifications.storm"]
        assert len(heard) == 1, owner
    told = Event.objects.filter(type_key="notifications.storm").order_by("pk")
    assert list(told.values_list("payload__user_ids", flat=True)) == [[karim.pk], [camille.pk]]


def test_a_storm_reaches_who_wants_such_alerts_by_email_only(lyon: Site, claire: User):
    choose(claire, Channel.EMAIL, enabled=True)
    choose(claire, Channel.IN_APP, enabled=False)

    quarantined(lyon, LIMIT + 5)

    assert [item.key for item in inbox_items(claire)] == ["notifications.storm"]


def asked_again(site: Site, owner: User, number: int) -> None:
    fact = replace(
        LeadEnquiredAgainNotice.sample,
        group_id=site.group_id,
        site_id=site.pk,
        occurred_at=MONDAY,
        lead_id=new_id(),
        enquiry_id=number + 1000 * owner.pk,
        owner_id=owner.pk,
    )
    lead_enquired_again.send(fact)
    for _ in range(2):  # the alert, and what the storm makes of it
        for event in Event.objects.filter(routed_at=None).order_by("pk"):
            route(event)
