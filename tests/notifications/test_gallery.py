"""« Aperçu des alertes »: administrators see every type on every channel, and send themselves a trial of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from notifications import registry, trials
from notifications.canaries import key_of
from notifications.choices import Channel
from notifications.declarations import Notice
from notifications.models import AddressBlock, Delivery, Event, Notification, OffReason, OutboxEntry
from sites.models import Group, User
from tests.cast import MONDAY, make_person, signed_in
from tests.fakes.server import Reply
from tests.fakes.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio

NOTICES = registry.every_notice()
PAGE = "/outbox/gallery/"
LEAD = f"{PAGE}leads.received/"

Settings = Any


@pytest.fixture
def admin(rhone: Group, agnes: User) -> User:
    """Agnès, with a mobile phone."""
    agnes.phone = "+33633333333"
    agnes.save()
    return agnes


@pytest.fixture
def browser(admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def twilio(settings: Settings) -> Iterator[FakeTwilio]:
    with FakeTwilio().running() as running:
        settings.TWILIO_API_URL = running.url
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, TOKEN, SENDER
        yield running


def said_after(browser: Client, address: str) -> str:
    """What the page says after the button was pressed."""
    return browser.post(address, follow=True).content.decode().replace("\u00a0", " ")


def test_every_type_that_somebody_reads_is_listed(browser: Client):
    page = browser.get(PAGE).content.decode()

    hidden = [one.key for one in NOTICES if f"{PAGE}{one.key}/" not in page]
    assert hidden == sorted(key_of(channel) for channel in Channel)  # the canaries: nobody reads them


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.key)
def test_a_type_is_shown_on_every_channel_in_both_languages(notice: type[Notice[Any]], browser: Client):
    page = browser.get(f"{PAGE}{notice.key}/").content.decode()
    frames = [browser.get(f"{PAGE}{notice.key}/{code}/html/").content.decode() for code in ("fr", "en")]

    assert page.count("lock-screen") == page.count('class="bubble"') == page.count("<iframe") == 2
    assert page.count("GSM-7") == 2
    assert all("</html>" in frame for frame in frames)
    assert frames[0] != frames[1]


def test_a_digest_is_shown_with_lines_in_its_own_language(browser: Client):
    french, english = (
        browser.get(f"{PAGE}notifications.digest/{code}/html/").content.decode() for code in ("fr", "en")
    )

    assert "Une décision est demandée" in french
    assert "A decision is asked for" in english
    assert "Une décision" not in english


def test_the_email_is_framed_under_a_policy_of_its_own(browser: Client):
    page = browser.get(LEAD)
    frame = browser.get(f"{LEAD}fr/html/")

    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_trial_without_a_provider_stays_in_the_outbox(channel: str, browser: Client, in_rhone: None):
    said = said_after(browser, f"{LEAD}fr/{channel}/")

    entry = OutboxEntry.objects.get()
    assert "[Essai] Nouveau lead" in (entry.words.subject or entry.words.text)
    assert entry.channel == channel
    assert "l’essai reste donc ici" in said
    assert 'href="/outbox/"' in said


def test_a_trial_of_an_email_is_a_real_one_to_oneself(browser: Client, admin: User, settings: Settings):
    settings.EMAIL_PROVIDER = "smtp"

    said = said_after(browser, f"{LEAD}en/email/")
    said_after(browser, f"{LEAD}en/email/")

    first, second = django_mail.outbox
    assert isinstance(first, EmailMultiAlternatives)
    assert first.to == ["Agnès Moreau <agnes@rhone.test>"]
    assert first.subject == "[Trial] New lead: Camille Durand"
    assert "/outbox/gallery/leads.received/" in str(first.body)
    assert "/leads/" not in str(first.body)
    assert "List-Unsubscribe" not in first.extra_headers
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]
    assert "Le prestataire a accepté" in said


def test_a_trial_of_a_text_says_what_twilio_answered(browser: Client, twilio: FakeTwilio):
    accepted = said_after(browser, f"{LEAD}fr/sms/")
    twilio.tell(Reply(401, b'{"code": 20003, "message": "Authenticate", "status": 401}'))
    refused = said_after(browser, f"{LEAD}fr/sms/")

    assert [one["to"] for one in twilio.messages] == ["+33633333333"]
    assert twilio.messages[0]["body"].startswith("[Essai] Nouveau lead Camille Durand")
    assert "Le prestataire a accepté" in accepted
    assert "Le prestataire refuse nos identifiants" in refused


def test_a_trial_is_no_event_and_counts_nowhere(browser: Client, in_rhone: None):
    for channel in ("email", "sms"):
        browser.post(f"{LEAD}fr/{channel}/")

    assert not Event.objects.exists()
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()


def test_without_an_address_the_page_says_so(browser: Client, agnes: User, in_rhone: None):
    User.objects.filter(pk=agnes.pk).update(phone="")

    texted, pushed = (said_after(browser, f"{LEAD}fr/{channel}/") for channel in ("sms", "push"))

    assert "numéro de mobile" in texted
    assert "appareil" in pushed
    assert not OutboxEntry.objects.exists()


def test_an_address_that_is_off_gets_no_trial(browser: Client, rhone: Group, admin: User, in_rhone: None):
    AddressBlock.objects.create(
        group=rhone, channel=Channel.SMS, address=admin.phone, reason=OffReason.STOPPED, since=MONDAY
    )

    said = said_after(browser, f"{LEAD}fr/sms/")

    assert "coupée" in said
    assert not OutboxEntry.objects.exists()


def test_trials_are_limited(browser: Client, in_rhone: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trials, "TRIALS", 2)

    said = [said_after(browser, f"{LEAD}fr/email/") for _ in range(3)]

    assert ["dernier essai" in one for one in said] == [False, False, True]
    assert OutboxEntry.objects.count() == 2


@pytest.mark.parametrize("address", ["nobody.knows/", "nobody.knows/fr/html/", "leads.received/de/html/"])
def test_what_does_not_exist_is_missing(address: str, browser: Client):
    assert browser.get(PAGE + address).status_code == 404


@pytest.mark.parametrize("address", ["fr/pigeon/", "de/sms/", "fr/in_app/"])
def test_a_trial_of_what_does_not_exist_is_missing(address: str, browser: Client):
    assert browser.post(LEAD + address).status_code == 404


def test_looking_sends_nothing(browser: Client, in_rhone: None):
    answer = browser.get(f"{LEAD}fr/sms/")

    assert answer.status_code == 405
    assert not OutboxEntry.objects.exists()


@pytest.mark.parametrize("address", [PAGE, LEAD, f"{LEAD}fr/html/"])
def test_only_administrators_look_at_it(address: str, camille: User, claire: User):
    assert [signed_in(one).get(address).status_code for one in (camille, claire)] == [403, 403]


def test_only_administrators_send_trials(camille: User, in_rhone: None):
    assert signed_in(camille).post(f"{LEAD}fr/sms/").status_code == 403
    assert not OutboxEntry.objects.exists()


def test_a_trial_stays_in_its_own_group(rival: Group, in_rhone: None):
    boss = make_person(rival, "Ruth Admin", "group_admin", phone="+33644444444")

    signed_in(boss).post(f"{LEAD}fr/sms/")

    assert not OutboxEntry.objects.exists()
