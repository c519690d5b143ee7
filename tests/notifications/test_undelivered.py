"""« Not delivered »: an administrator sees what did not arrive and why, and has it sent again; nobody else does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import now
from gateways import breaker
from notifications import addresses, replaying, undelivered
from notifications.choices import Channel, DeliveryState
from notifications.models import AddressBlock, Delivery, Event, OffReason, Replay
from notifications.services import mark_all_read
from sites.models import Group, Site, User
from sites.scope import group_scope
from tests.cast import MONDAY, make_person, member_of, signed_in
from tests.notifications.road import choose, received, tell_and_route
from tests.notifications.sending import Provider, send
from tests.together import in_parallel

PAGE = "/outbox/undelivered/"
ALL = f"{PAGE}replay/"


def failed(site: Site, person: User, channel: Channel = Channel.SMS, **fields: Any) -> Delivery:
    """A message to this person that did not arrive."""
    with group_scope(site.group_id):
        User.objects.filter(pk=person.pk).update(phone="+33612345678")
        choose(person, channel, enabled=True)
        event = tell_and_route(received(site, customer_name="Paul Zola"))
        rows = Delivery.objects.filter(notification__event=event, notification__user=person, channel=channel)
        rows.update(
            **{
                "state": DeliveryState.FAILED_PERMANENT,
                "error": "sms_phone_off",
                "attempts": 6,
                "attempted_at": MONDAY,
                "finished_at": MONDAY,
                "provider_id": "SM1",
                **fields,
            }
        )
        return rows.get()


def listed(person: User, query: str = "") -> str:
    User.objects.filter(pk=person.pk).update(language="en")
    response = signed_in(person).get(PAGE + query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_page_says_what_did_not_arrive_to_whom_and_why(lyon: Site, camille: User, agnes: User):
    failed(lyon, camille)

    page = listed(agnes)

    for words in (
        "New lead: Paul Zola",
        "Camille Durand",
        "The phone was off or out of reach",
        "Send 1 again",
    ):
        assert words in page


def test_page_without_any_says_so(agnes: User):
    page = listed(agnes)

    assert "Everything arrived" in page
    assert "Send" not in page.partition("<main")[2].partition("</main")[0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "dead", "error": "sms_unreachable"}, "could not be reached, time after time"),
        ({"state": "dead", "error": "KeyError('x')"}, "A fault of the product"),
        ({"state": "unknown", "error": ""}, "has not said yet whether it left"),
        ({"state": "suppressed", "reason": "address_off", "error": ""}, "The address is switched off"),
        ({"state": "suppressed", "reason": "cap_site", "error": ""}, "for the site was reached"),
        ({"error": "sms_error_30999"}, "Not sent: sms_error_30999"),
    ],
)
def test_every_cause_is_a_sentence(fields: Any, words: str, lyon: Site, camille: User, agnes: User):
    failed(lyon, camille, **fields)

    assert words in listed(agnes)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "delivered"},
        {"state": "accepted"},
        {"state": "failed_temporary"},
        {"state": "cancelled", "reason": "read_elsewhere"},
        {"state": "suppressed", "reason": "no_phone"},
    ],
)
def test_what_arrived_or_was_not_wanted_is_not_listed(fields: Any, lyon: Site, camille: User, agnes: User):
    failed(lyon, camille, **fields)

    assert "Everything arrived" in listed(agnes)


def test_fresh_unknown_is_left_to_the_provider(lyon: Site, camille: User, agnes: User):
    failed(lyon, camille, state="unknown", attempted_at=now() - timedelta(minutes=1))

    assert "Everything arrived" in listed(agnes)


def test_filters_narrow_by_channel_and_cause(lyon: Site, camille: User, karim: User, agnes: User):
    failed(lyon, camille)
    failed(lyon, karim, Channel.EMAIL, error="email_address_unknown")

    texts, gone, both = (
        listed(agnes, query)
        for query in ("?channel=sms", "?cause=email_address_unknown", "?channel=email&cause=sms_phone_off")
    )

    assert ("Camille Durand" in texts, "Karim Benali" in texts) == (True, False)
    assert ("Camille Durand" in gone, "Karim Benali" in gone) == (False, True)
    assert "Nothing fits this filter" in both


@pytest.mark.parametrize(
    "query", ["?channel=pigeon", "?cause=<x>", "?before=²", "?before=-1", "?cause=" + "a" * 99]
)
def test_nonsense_in_the_filter_is_ignored(query: str, lyon: Site, camille: User, agnes: User):
    failed(lyon, camille)

    assert "Camille Durand" in listed(agnes, query)


def test_pages_follow_each_other_without_a_gap(lyon: Site, camille: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(undelivered, "PAGE", 2)
    made = [failed(lyon, camille).pk for _ in range(5)]

    seen, before = [], None
    with group_scope(lyon.group_id):
        for _ in range(3):
            page = undelivered.undelivered_page(at=now(), language="fr", before_id=before)
            seen += [line.delivery.pk for line in page.lines]
            before = page.next_before

    assert (seen, before) == (made[::-1], None)


def test_list_costs_the_same_for_one_and_for_three(lyon: Site, camille: User, agnes: User):
    client = signed_in(agnes)
    counts = []
    for _ in range(3):
        failed(lyon, camille)
        with CaptureQueriesContext(connection) as counted:
            client.get(PAGE)
        counts.append(len(counted))

    assert counts[0] == counts[2]


def test_event_that_nobody_declares_any_more_does_not_break_the_page(lyon: Site, camille: User, agnes: User):
    failed(lyon, camille)
    with group_scope(lyon.group_id):
        Event.objects.update(type_key="gone.for_good")

    assert "gone.for_good" in listed(agnes)


# --- Sending again ---------------------------------------------------------------------------------------------


def test_message_is_sent_again_and_who_did_so_is_kept(
    lyon: Site, camille: User, agnes: User, provider: Provider, in_rhone: None
):
    row = failed(lyon, camille)

    signed_in(agnes).post(f"{PAGE}{row.pk}/replay/")
    send(at=now())

    row.refresh_from_db()
    kept = Replay.objects.get()
    assert (row.state, row.attempts, row.error) == ("accepted", 1, "")
    assert (kept.by, kept.state, kept.cause) == (agnes, "failed_permanent", "sms_phone_off")


def test_message_that_fails_again_shows_who_tried(lyon: Site, camille: User, agnes: User, in_rhone: None):
    row = failed(lyon, camille)
    signed_in(agnes).post(f"{PAGE}{row.pk}/replay/")
    Delivery.objects.filter(pk=row.pk).update(state="dead", error="sms_unreachable")

    assert "Sent again by Agnès Moreau" in listed(agnes)


def test_all_that_match_are_sent_again_and_no_other(
    lyon: Site, camille: User, karim: User, agnes: User, in_rhone: None
):
    texts = [failed(lyon, camille).pk, failed(lyon, karim).pk]
    email = failed(lyon, camille, Channel.EMAIL, error="email_failed")

    answer = signed_in(agnes).post(ALL, {"channel": "sms", "cause": "sms_phone_off"})

    planned = Delivery.objects.filter(state="planned", pk__in=[*texts, email.pk])
    assert sorted(planned.values_list("pk", flat=True)) == sorted(texts)
    assert answer.headers["Location"] == f"{PAGE}?channel=sms&cause=sms_phone_off"


def test_what_may_have_left_is_looked_up_first(lyon: Site, camille: User, agnes: User, in_rhone: None):
    row = failed(lyon, camille, state="unknown", provider_id="", error="")

    signed_in(agnes).post(f"{PAGE}{row.pk}/replay/")

    row.refresh_from_db()
    assert (row.state, row.attempts) == ("unknown", 0)
    assert row.due_at <= now()


def test_alert_that_was_read_meanwhile_is_not_sent(
    lyon: Site, camille: User, agnes: User, provider: Provider, in_rhone: None
):
    row = failed(lyon, camille)
    mark_all_read(user=camille, at=MONDAY)

    signed_in(agnes).post(f"{PAGE}{row.pk}/replay/")
    send(at=now())

    row.refresh_from_db()
    assert (provider.sent, row.state) == ([], "cancelled")


def test_late_receipt_of_the_first_try_does_not_touch_the_second(
    lyon: Site, camille: User, agnes: User, in_rhone: None
):
    row = failed(lyon, camille)

    signed_in(agnes).post(f"{PAGE}{row.pk}/replay/")

    row.refresh_from_db()
    assert (row.state, row.provider_id) == ("planned", "")


@pytest.mark.parametrize("state", ["delivered", "accepted", "planned", "sending", "cancelled"])
def test_what_has_arrived_or_is_on_its_way_cannot_be_sent_again(
    state: str, lyon: Site, camille: User, agnes: User, in_rhone: None
):
    row = failed(lyon, camille, state=state)

    answer = signed_in(agnes).post(f"{PAGE}{row.pk}/replay/")

    row.refresh_from_db()
    assert (answer.status_code, row.state) == (404, state)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_one_sends_it(lyon: Site, camille: User, agnes: User):
    failed(lyon, camille)
    member = member_of(agnes)

    def press() -> int:
        with group_scope(lyon.group_id):
            return replaying.replay_all(member=member, channel=None, cause="", at=now())

    assert sorted(in_parallel(3, press)) == [0, 0, 1]


def test_looking_sends_nothing(lyon: Site, camille: User, agnes: User):
    row = failed(lyon, camille)
    client = signed_in(agnes)

    assert [client.get(path).status_code for path in (ALL, f"{PAGE}{row.pk}/replay/")] == [405, 405]


# --- Who may ---------------------------------------------------------------------------------------------------


def test_only_administrators_see_it_and_send_again(lyon: Site, camille: User, claire: User):
    row = failed(lyon, camille)
    client = signed_in(claire)

    answers = [client.get(PAGE), client.post(ALL), client.post(f"{PAGE}{row.pk}/replay/")]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_rivals_administrator_sees_and_moves_nothing(lyon: Site, camille: User, rival: Group):
    row = failed(lyon, camille)
    addresses_of_ours(lyon)
    client = signed_in(make_person(rival, "Ruth Admin", "group_admin", language="en"))

    page = client.get(PAGE).content.decode()
    client.post(ALL)
    foreign = [client.post(f"{PAGE}{pk}/replay/").status_code for pk in (row.pk, 999_999)]

    with group_scope(lyon.group_id):
        row_now = Delivery.objects.get(pk=row.pk)
    assert "Everything arrived" in page
    assert "camille@" not in page
    assert (foreign, row_now.state) == ([404, 404], "failed_permanent")


def addresses_of_ours(site: Site) -> AddressBlock:
    with group_scope(site.group_id):
        block = addresses.switch_off(
            group_id=site.group_id,
            channel=Channel.EMAIL,
            address="camille@rhone.test",
            reason=OffReason.BOUNCED,
            at=MONDAY,
        )
    assert block is not None
    return block


def test_administrator_sees_the_addresses_that_are_off_and_lifts_one(lyon: Site, camille: User, agnes: User):
    block = addresses_of_ours(lyon)
    before = listed(agnes)

    answer = signed_in(agnes).post(
        f"/preferences/addresses/{block.pk}/lift/", {"next": "notifications:undelivered"}
    )

    assert "camille@rhone.test" in before
    assert answer.headers["Location"] == PAGE
    assert "camille@rhone.test" not in listed(agnes).partition("<main")[2].partition("panel")[2]


def test_a_provider_that_is_out_is_named(agnes: User, settings: Any):
    settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = "x"
    before = listed(agnes)
    for _ in range(breaker.FAILURES):
        breaker.failed("twilio")

    after = listed(agnes)

    assert "The provider twilio does not answer." not in before
    assert "The provider twilio does not answer." in after
