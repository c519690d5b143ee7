"""The same subject again is one line that counts, not ten lines; what was read stays, and so do other subjects."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from core.ids import new_id
from leads.signals import LeadEnquiredAgain, lead_enquired_again
from notifications import inbox, routing
from notifications.choices import Channel
from notifications.models import Delivery, Event, Notification
from notifications.selectors import Folder, Wanted, inbox_items
from notifications.services import mark_read
from sites.models import Group, Site, User
from sites.scope import group_scope
from tests.cast import MONDAY, make_person, make_site, signed_in
from tests.notifications.road import choose, received, route, tell_and_route

LEAD = new_id()


def wrote_again(site: Site, owner: User, enquiry_id: int, **fields: object) -> Event:
    """A customer wrote again; not routed yet."""
    facts = {
        "group_id": site.group_id,
        "site_id": site.pk,
        "occurred_at": MONDAY,
        "lead_id": LEAD,
        "enquiry_id": enquiry_id,
        "customer_name": "Paul Bernard",
        "vehicle": "Clio",
        "message": f"Message {enquiry_id}",
        "owner_id": owner.pk,
    }
    lead_enquired_again.send(LeadEnquiredAgain(**{**facts, **fields}))  # type: ignore[arg-type]
    return Event.objects.order_by("-pk")[0]


def again(site: Site, owner: User, enquiry_id: int, at: datetime = MONDAY, **fields: object) -> None:
    route(wrote_again(site, owner, enquiry_id, **fields), at)


def lines(person: User, folder: Folder = Folder.ALL) -> list[tuple[str, int]]:
    return [(item.body, item.times) for item in inbox_items(person, wanted=Wanted(folder=folder))]


def test_ten_messages_of_one_customer_are_one_line(lyon: Site, camille: User, in_rhone: None):
    for n in range(10):
        again(lyon, camille, n)

    ((body, times),) = lines(camille)
    assert ("Message 9" in body, times) == (True, 10)
    assert inbox.state_of(camille.pk)[1] == 1
    assert len(lines(camille, Folder.ARCHIVED)) == 9


def test_what_was_read_stays_and_the_count_begins_anew(lyon: Site, camille: User, in_rhone: None):
    again(lyon, camille, 1)
    mark_read(user=camille, notification_ids=[Notification.objects.get().pk], at=MONDAY)

    again(lyon, camille, 2)

    assert [times for _body, times in lines(camille)] == [1, 1]
    assert inbox.state_of(camille.pk)[1] == 1


def test_control_another_customer_has_a_line_of_his_own(lyon: Site, camille: User, in_rhone: None):
    again(lyon, camille, 1)

    again(lyon, camille, 2, lead_id=new_id())

    assert len(lines(camille)) == 2


def test_control_each_lead_keeps_its_line(lyon: Site, camille: User, in_rhone: None):
    for _n in range(3):
        tell_and_route(received(lyon))

    assert [times for _body, times in lines(camille)] == [1, 1, 1]


def test_what_had_not_left_is_not_sent_twice(lyon: Site, camille: User, in_rhone: None):
    User.objects.filter(pk=camille.pk).update(phone="+33612345678")
    choose(camille, Channel.SMS, enabled=True)

    for n in range(3):
        again(lyon, camille, n)

    texts = Delivery.objects.filter(channel="sms").order_by("pk").values_list("state", "reason")
    assert list(texts) == [("cancelled", "replaced")] * 2 + [("planned", "own_choice")]


def test_the_replaced_line_is_told_to_open_pages(lyon: Site, camille: User, in_rhone: None):
    again(lyon, camille, 1)
    head, _unread = inbox.state_of(camille.pk)

    again(lyon, camille, 2)

    client = signed_in(camille)
    changed = client.get(f"/api/v1/inbox/delta/?after={head}").json()["items"]
    assert {(item["is_archived"], item["times"]) for item in changed} == {(False, 2), (True, 1)}


def test_the_page_says_how_often(lyon: Site, camille: User, in_rhone: None):
    for n in range(3):
        again(lyon, camille, n, MONDAY + timedelta(minutes=n))

    assert "3 fois" in signed_in(camille).get("/inbox/").content.decode()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_routers_with_news_of_one_subject_leave_one_line():
    group = Group.objects.create(name="Rhône", slug="rhone")
    site = make_site(group, "Lyon")
    person = make_person(group, "Camille Durand", "salesperson", site)
    with group_scope(group.pk):
        events = [wrote_again(site, person, n) for n in range(2)]
    at_once = Barrier(2)

    def work(event: Event) -> None:
        with group_scope(group.pk):
            at_once.wait()
            routing.route(event.hint, at=MONDAY)
        connection.close()

    threads = [Thread(target=work, args=(event,)) for event in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with group_scope(group.pk):
        assert [times for _body, times in lines(person)] == [2]
        assert inbox.state_of(person.pk)[1] == 1
