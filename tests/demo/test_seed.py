"""The demo data: there once, believable, untouched by a second run, and never in production."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from time_machine import travel

from approvals.models import ApprovalRequest
from core.clock import now
from dms.demo import seeding
from dms.demo.cast import GROUPS, PASSWORD, RHONE, RIVAL
from dms.demo.forms import opened_mark
from dms.demo.history import DAYS, stories
from dms.demo.seeding import NotInProduction, seed
from leads.models import Lead, LeadStatus
from leads.services import claim_lead
from notifications import delivery
from notifications.choices import Channel
from notifications.models import Delivery, Event, Notification, OutboxEntry, Preference
from notifications.routing import route
from notifications.selectors import inbox_items, inbox_state
from notifications.services import set_preference
from sites.access import Member, member_for
from sites.keys import holder_of
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from sites.scope import every_group, group_scope
from tests.cast import MONDAY

SIGN_INS = [
    "vendeur.lyon@demo.test",
    "vendeuse.lyon@demo.test",
    "chef.lyon@demo.test",
    "responsable.lyon@demo.test",
    "responsable.marseille@demo.test",
    "vendeur.marseille@demo.test",
    "vendeur.quebec@demo.test",
    "directeur@demo.test",
    "comptable@demo.test",
    "admin@demo.test",
    "vendeur@rival.test",
]


@pytest.fixture(autouse=True)
def few_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same people and sites with fewer leads and cars, because each test seeds."""
    monkeypatch.setattr(
        seeding, "GROUPS", (replace(RHONE, leads=30, vehicles=24), replace(RIVAL, leads=5, vehicles=4))
    )


@pytest.fixture
def seeded(db: None) -> None:
    seed(at=MONDAY)


def member(email: str) -> Member:
    found = member_for(User.objects.get(email=email))
    assert found is not None
    return found


@pytest.fixture
def in_demo(seeded: None):
    with group_scope(Group.objects.get(slug="rhone").pk):
        yield


def test_the_promised_people_sign_in_with_the_published_password(seeded: None, client: Client):
    answers = [
        Client().post("/accounts/login/", {"login": email, "password": PASSWORD}) for email in SIGN_INS
    ]

    assert [answer.headers.get("Location") for answer in answers] == ["/"] * len(SIGN_INS)


def test_every_role_is_played(in_demo: None):
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role)


def test_the_administrator_is_the_only_superuser(seeded: None):
    assert list(User.objects.filter(is_superuser=True).values_list("email", flat=True)) == ["admin@demo.test"]


def test_the_published_keys_belong_to_their_websites(seeded: None):
    ours, theirs = holder_of("demo-lyon-website"), holder_of("demo-rival-website")

    assert ours is not None
    assert theirs is not None
    assert ours.group_id == Group.objects.get(slug="rhone").pk
    assert theirs.group_id == Group.objects.get(slug="rival").pk
    assert ours.may("leads:write")


def test_sixty_days_of_leads_went_through_every_site(in_demo: None):
    leads = Lead.objects.all()

    assert len(stories(RHONE, at=MONDAY)) >= 250
    assert set(leads.values_list("site__slug", flat=True)) == {"lyon", "marseille", "paris", "quebec"}
    assert min(lead.received_at for lead in leads) >= MONDAY - timedelta(days=DAYS + 1)
    assert max(lead.received_at for lead in leads) <= MONDAY


def test_fresh_leads_wait_at_lyon_and_ring_its_salespeople(in_demo: None):
    waiting = Lead.objects.filter(
        site__slug="lyon", status=LeadStatus.NEW, received_at__gt=MONDAY - timedelta(hours=3)
    )

    salesperson = User.objects.get(email="vendeur.lyon@demo.test")
    items = inbox_items(salesperson, unread_only=True)
    assert waiting.count() >= 4
    assert inbox_state(salesperson.pk).unread == len(items)
    assert {item.subject for item in items} >= {f"lead:{lead.pk}" for lead in waiting}


def test_a_suspect_request_waits_for_the_sales_manager(in_demo: None):
    manager = User.objects.get(email="chef.lyon@demo.test")

    assert Lead.objects.filter(status=LeadStatus.QUARANTINED).count() == 1
    assert inbox_state(manager.pk).unread == 2  # and somebody waits for a decision of hers


def sites_heard_of(email: str) -> set[str]:
    """The sites whose leads stand in the person's inbox."""
    told = Notification.objects.filter(user__email=email, in_inbox=True)
    site_ids = {event.payload["site_id"] for event in Event.objects.filter(notifications__in=told)}
    return set(Site.objects.filter(pk__in=site_ids).values_list("name", flat=True))


def test_nobody_hears_of_what_is_not_his(in_demo: None):
    assert sites_heard_of("vendeur.marseille@demo.test") == {"Marseille"}
    assert sites_heard_of("comptable@demo.test") == set()


def test_everything_is_routed_and_only_open_questions_are_left_to_send(seeded: None):
    with every_group():
        assert not Event.objects.filter(routed_at__isnull=True).exists()
        left = Delivery.objects.filter(finished_at__isnull=True)
        assert set(left.values_list("channel", "notification__event__type_key")) == {
            ("email", "approvals.asked")
        }


def test_some_requests_wait_and_others_were_answered(seeded: None):
    with every_group():
        asked = ApprovalRequest.objects.values_list("group__slug", "status")
        assert Counter(asked) == {
            ("rhone", "pending"): 2,
            ("rhone", "approved"): 2,
            ("rhone", "refused"): 1,
            ("rival", "pending"): 1,
        }


def test_a_newcomers_request_shows_what_a_text_message_would_have_sent(in_demo: None, settings):
    settings.DEMO = True
    request = {"first_name": "Julie", "last_name": "Bernard", "phone": "06 39 98 12 34"}

    with travel(MONDAY, tick=False):
        Client().post("/demo/lyon/", {**request, "opened": opened_mark(MONDAY - timedelta(minutes=1))})
        for event in Event.objects.filter(routed_at__isnull=True):
            route(event.hint, at=MONDAY)
        delivery.deliver_due(Channel.SMS, at=MONDAY)

    kept = dict(OutboxEntry.objects.values_list("channel", "recipient"))
    assert set(kept) == {"sms"}
    assert "+33639980102" in kept["sms"]


def test_what_is_claimed_has_a_happy_owner_and_closed_alerts(in_demo: None):
    claimed = Lead.objects.filter(status=LeadStatus.CLAIMED).select_related("owner")

    assert all(lead.owner is not None and lead.claimed_at is not None for lead in claimed)
    told = Notification.objects.filter(
        event__type_key="leads.received", closed_at__isnull=True, in_inbox=True
    )
    open_subjects = set(told.values_list("event__subject", flat=True))
    assert not open_subjects & {f"lead:{lead.pk}" for lead in claimed}


def test_the_rival_sees_nothing_of_it(seeded: None):
    rita = member("vendeur@rival.test")
    with group_scope(rita.group_id):
        names = set(Lead.objects.values_list("site__name", flat=True))
        heard = sites_heard_of("vendeur@rival.test")

    assert names == {"Villeurbanne"}
    assert heard == {"Villeurbanne"}


def test_seeding_again_changes_nothing(seeded: None):
    with every_group():
        before = (
            User.objects.count(),
            Lead.objects.count(),
            Event.objects.count(),
            Notification.objects.count(),
        )

    made = seed(at=MONDAY + timedelta(days=3))

    with every_group():
        after = (
            User.objects.count(),
            Lead.objects.count(),
            Event.objects.count(),
            Notification.objects.count(),
        )
    assert made == []
    assert after == before


def test_what_a_newcomer_did_survives_seeding_again(in_demo: None):
    seller = member("vendeur.lyon@demo.test")
    lead = Lead.objects.filter(site__slug="lyon", status=LeadStatus.NEW).latest("received_at")
    claim_lead(lead_id=lead.pk, by=seller, at=MONDAY)
    User.objects.filter(pk=seller.user.pk).update(language="en", first_name="Karim-Ali")
    set_preference(member=seller, topic="leads", channel=Channel.EMAIL, enabled=None)

    seed(at=MONDAY + timedelta(days=1))

    lead.refresh_from_db()
    seller.user.refresh_from_db()
    assert lead.owner == seller.user
    assert (seller.user.language, seller.user.first_name) == ("en", "Karim-Ali")
    assert not Preference.objects.filter(user=seller.user).exists()


def test_production_is_refused(db: None, settings):
    settings.PRODUCTION = True

    with pytest.raises(NotInProduction):
        seed(at=MONDAY)
    with pytest.raises(CommandError, match="not for production"):
        call_command("seed_demo")
    assert not Group.objects.exists()


def test_the_command_says_what_it_made(db: None, capsys: pytest.CaptureFixture[str]):
    call_command("seed_demo")
    call_command("seed_demo")

    made, again = capsys.readouterr().out.splitlines()
    assert made == "Made: Groupe Rhône Auto, Rival Motors"
    assert again == "The demo is already there."


def test_the_same_story_is_told_every_time():
    assert stories(RHONE, at=MONDAY) == stories(RHONE, at=MONDAY)


def test_leads_come_when_people_write_them():
    told = stories(RHONE, at=MONDAY)
    hours = [story.received_at.astimezone(ZoneInfo(story.site.time_zone)).hour for story in told]
    by_day = [story.received_at.astimezone(ZoneInfo(story.site.time_zone)).weekday() for story in told]

    at_night = sum(1 for hour in hours if hour in range(1, 6))
    assert at_night / len(hours) < 0.05
    assert by_day.count(6) < by_day.count(0)


def test_nothing_happens_after_the_moment_of_seeding():
    at = now()

    told = [story for group in GROUPS for story in stories(group, at=at)]

    assert all(story.received_at <= at for story in told)
    assert all(story.taken_at is None or story.received_at < story.taken_at < at for story in told)
