"""The mail provider tells what became of an email; a bounce or a complaint switches the address off."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateways import mail_events
from notifications.choices import Channel
from notifications.models import AddressBlock, Delivery, Event, ProviderReceipt
from sites.models import Group, Site, User
from sites.scope import group_scope
from tests.fakes.mail_events import (
    SECRET,
    SIGNING_KEY,
    basic,
    brevo,
    mailgun,
    postmark,
    resend_bounce,
    sendgrid,
)
from tests.notifications.receipts import outcomes, state_of
from tests.notifications.road import choose, received, tell_and_route

PATH = "/webhooks/mail/"
ID = "<0192@dms.test>"
CAMILLE = "camille@rhone.test"


@pytest.fixture(autouse=True)
def _provider(settings: Any) -> None:
    settings.EMAIL_PROVIDER, settings.ANYMAIL = "postmark", {"WEBHOOK_SECRET": SECRET}


@pytest.fixture
def email(lyon: Site, camille: User, in_rhone: None) -> Delivery:
    """An email to Camille that the provider took."""
    choose(camille, Channel.EMAIL, enabled=True)
    return accepted_email(lyon, camille)


def accepted_email(site: Site, person: User, message_id: str = ID) -> Delivery:
    event = tell_and_route(received(site))
    rows = Delivery.objects.filter(notification__event=event, notification__user=person, channel="email")
    rows.update(state="accepted", provider_id=message_id)
    return rows.get()


def post(body: bytes, headers: dict[str, str] | None = None) -> Any:
    shown = basic() if headers is None else headers
    return Client().post(PATH, body, content_type="application/json", headers=shown)


def off(**found: Any) -> list[tuple[str, str, str]]:
    rows = AddressBlock.objects.filter(lifted_at=None, **found)
    return list(rows.values_list("channel", "address", "reason"))


def test_delivered_email_is_delivered(email: Delivery):
    answer = post(postmark("Delivery", ID, CAMILLE))

    assert (answer.status_code, state_of(email), off()) == (200, "delivered", [])
    assert json.loads(ProviderReceipt.objects.get().raw)["RecordType"] == "Delivery"


def test_hard_bounce_fails_the_email_and_switches_the_address_off(email: Delivery):
    post(postmark("Bounce", ID, CAMILLE.title(), Type="HardBounce", ID=42))

    email.refresh_from_db()
    assert (email.state, email.error) == ("failed_permanent", "email_address_unknown")
    assert off() == [("email", CAMILLE, "bounced")]


def test_full_mailbox_fails_the_email_only(email: Delivery):
    post(postmark("Bounce", ID, CAMILLE, Type="SoftBounce", ID=42))

    assert (state_of(email), off()) == ("failed_permanent", [])


def test_complaint_switches_off_what_did_arrive(email: Delivery):
    post(postmark("SpamComplaint", ID, CAMILLE, Type="SpamComplaint"))

    assert (state_of(email), off()) == ("delivered", [("email", CAMILLE, "complained")])


def test_late_bounce_leaves_the_state_and_still_switches_off(email: Delivery):
    post(postmark("Delivery", ID, CAMILLE))
    post(postmark("Bounce", ID, CAMILLE, Type="HardBounce", ID=42))

    assert (state_of(email), len(off())) == ("delivered", 1)


def test_opened_email_is_nobodys_business(email: Delivery):
    answer = post(postmark("Open", ID, CAMILLE))

    assert (answer.status_code, ProviderReceipt.objects.count()) == (200, 0)


def test_delayed_email_stays_as_it_is(email: Delivery):
    post(postmark("Bounce", ID, CAMILLE, Type="Transient", ID=42))

    assert (state_of(email), outcomes(), off()) == ("accepted", ["nothing_new"], [])


def test_same_event_twice_is_one_row_and_one_notice(email: Delivery, agnes: User):
    for _ in range(3):
        post(postmark("Bounce", ID, CAMILLE, Type="HardBounce", ID=42))

    assert outcomes() == ["applied"]
    assert Event.objects.filter(type_key="notifications.address_off").count() == 1


def test_bounce_that_came_before_its_message_was_known_is_applied_later(email: Delivery):
    from notifications.tasks import apply_receipts

    Delivery.objects.filter(pk=email.pk).update(state="sending", provider_id="")
    post(postmark("Bounce", ID, CAMILLE, Type="HardBounce", ID=42))
    early = off()
    Delivery.objects.filter(pk=email.pk).update(state="accepted", provider_id=ID)

    apply_receipts()

    assert (early, len(off()), state_of(email)) == ([], 1, "failed_permanent")


def test_address_is_off_for_the_group_that_wrote_to_it_only(email: Delivery, rival: Group):
    post(postmark("Bounce", ID, CAMILLE, Type="HardBounce", ID=42))

    with group_scope(rival.pk):
        assert off() == []
    assert len(off()) == 1


# --- Each provider in its own words ----------------------------------------------------------------------------


def test_mailgun_signs_and_tells_hard_from_temporary(email: Delivery, settings: Any):
    settings.EMAIL_PROVIDER, settings.ANYMAIL = "mailgun", {"MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}

    forged = post(mailgun("failed", ID, CAMILLE, key="other", severity="permanent", reason="bounce"), {})
    delayed = post(mailgun("failed", ID, CAMILLE, severity="temporary", reason="generic"), {})
    before = state_of(email)
    hard = post(mailgun("failed", ID, CAMILLE, severity="permanent", reason="bounce"), {})

    assert [forged.status_code, delayed.status_code, hard.status_code] == [403, 200, 200]
    assert (before, state_of(email), len(off())) == ("accepted", "failed_permanent", 1)


@pytest.mark.parametrize(
    ("reason", "code", "off_for"),
    [
        ("bounce", "5.1.1", ["bounced"]),
        ("suppress-bounce", "", ["bounced"]),
        ("generic", "5.1.1", ["bounced"]),
        ("generic", "5.2.2", []),  # the mailbox is full
        ("generic", "5.1.8", []),  # our own address is at fault
        ("espblock", "4.7.650", []),  # it is Mailgun that is not wanted
        ("old", "", []),  # put off until nobody tried any more
        ("suppress-complaint", "", ["stopped"]),
        ("suppress-unsubscribe", "", ["stopped"]),
    ],
)
def test_mailgun_gives_up_for_reasons_that_are_not_the_address(
    reason: str, code: str, off_for: list[str], email: Delivery, settings: Any
):
    settings.EMAIL_PROVIDER, settings.ANYMAIL = "mailgun", {"MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}
    told: Any = {"severity": "permanent", "reason": reason, "delivery-status": {"enhanced-code": code}}

    post(mailgun("failed", ID, CAMILLE, **told), {})

    assert state_of(email) == "failed_permanent"
    assert [why for _channel, _address, why in off()] == off_for


@pytest.mark.parametrize(("kind", "off_for"), [("Permanent", ["bounced"]), ("Transient", [])])
def test_resend_tells_a_full_mailbox_from_none(kind: str, off_for: list[str], email: Delivery, settings: Any):
    settings.EMAIL_PROVIDER = "resend"

    post(resend_bounce(kind, ID, CAMILLE))

    assert state_of(email) == "failed_permanent"
    assert [why for _channel, _address, why in off()] == off_for


@pytest.mark.parametrize(
    ("event", "state", "reasons"),
    [
        ("delivered", "delivered", []),
        ("hard_bounce", "failed_permanent", ["bounced"]),
        ("soft_bounce", "failed_permanent", []),
        ("spam", "delivered", ["complained"]),
        ("unique_opened", "accepted", []),
    ],
)
def test_brevo_is_understood(event: str, state: str, reasons: list[str], email: Delivery, settings: Any):
    settings.EMAIL_PROVIDER = "brevo"

    post(brevo(event, ID, CAMILLE))

    assert state_of(email) == state
    assert [reason for _channel, _address, reason in off()] == reasons


@pytest.mark.filterwarnings("ignore:django-anymail has dropped")
def test_sendgrid_tells_of_many_at_once(email: Delivery, lyon: Site, camille: User, settings: Any):
    settings.EMAIL_PROVIDER = "sendgrid"
    other = accepted_email(lyon, camille, "0192-b")

    post(
        sendgrid(
            ("delivered", ID, CAMILLE, {"response": "250 OK"}),
            ("open", ID, CAMILLE, {}),
            ("bounce", "0192-b", CAMILLE, {"type": "blocked", "reason": "421 try later"}),
        )
    )

    assert (state_of(email), state_of(other), off()) == ("delivered", "failed_permanent", [])
    assert ProviderReceipt.objects.count() == 2


def test_mandrill_may_ask_whether_the_address_answers(email: Delivery):
    assert (Client().head(PATH).status_code, Client().get(PATH).status_code) == (200, 405)


# --- Who may tell ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, basic("dms:wrong"), basic(":"), {"Authorization": "Basic é"}])
def test_call_without_the_secret_is_refused(headers: dict[str, str], email: Delivery):
    answer = post(postmark("Bounce", ID, CAMILLE, Type="HardBounce", ID=42), headers)

    assert (answer.status_code, off(), ProviderReceipt.objects.count()) == (403, [], 0)


@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailInsecureWebhookWarning")
@pytest.mark.parametrize("anymail", [{}, {"WEBHOOK_SECRET": ""}, {"WEBHOOK_SECRET": []}])
def test_without_a_secret_nobody_is_believed(anymail: dict[str, Any], email: Delivery, settings: Any):
    """Anymail itself would only warn: settings refuse the start, and this door stays shut all the same."""
    settings.ANYMAIL = anymail

    assert post(postmark("Delivery", ID, CAMILLE), {}).status_code == 403


@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailInsecureWebhookWarning")
def test_anymail_alone_would_believe_it(email: Delivery, settings: Any, monkeypatch: pytest.MonkeyPatch):
    """The control of the test above."""
    settings.ANYMAIL = {}
    monkeypatch.setattr("anymail.webhooks.base.AnymailBasicAuthMixin.warn_if_no_basic_auth", False)

    assert post(postmark("Delivery", ID, CAMILLE), {}).status_code == 200


@pytest.mark.parametrize("provider", ["", "smtp", "scaleway"])
def test_provider_that_posts_nothing_is_not_spoken_for(provider: str, email: Delivery, settings: Any):
    settings.EMAIL_PROVIDER = provider

    assert post(postmark("Delivery", ID, CAMILLE)).status_code == 403


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"7", b'"x"', b'{"RecordType": []}', b"[" * 50_000]
)
def test_nonsense_with_the_secret_is_a_bad_request(body: bytes, db: None):
    assert post(body).status_code == 400


def test_nul_and_lone_surrogates_are_kept_out_of_the_database(email: Delivery):
    body = postmark("Delivery", "a\0\ud800", CAMILLE + "\0")

    assert post(body).status_code == 200
    assert ProviderReceipt.objects.get().message_id == "a?"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
POSTMARK = st.fixed_dictionaries(
    {},
    optional={
        "RecordType": st.sampled_from(["Bounce", "Delivery", "SpamComplaint", "SubscriptionChange"]) | JSON,
        "Type": st.sampled_from(["HardBounce", "SoftBounce", "Unsubscribe"]) | JSON,
        "MessageID": JSON,
        "Email": JSON,
        "Recipient": JSON,
        "DeliveredAt": JSON,
        "ID": JSON,
        "Metadata": JSON,
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=POSTMARK | JSON)
def test_no_signed_body_breaks_it(told: Any, email: Delivery):
    assert post(json.dumps(told).encode()).status_code in {200, 400}


@pytest.mark.parametrize("provider", mail_events.READERS)
@pytest.mark.filterwarnings("ignore")
def test_every_providers_reader_starts_with_its_secrets(provider: str, settings: Any, db: None):
    from dms.settings import channels

    secrets = channels._WEBHOOK_SECRETS[provider].values()
    settings.EMAIL_PROVIDER = provider
    settings.ANYMAIL = dict.fromkeys(secrets, SECRET)

    assert mail_events.reader_for(provider) is not None
    assert post(b"{}", {}).status_code == 403


def test_the_second_provider_is_heard_at_an_address_of_its_own(email: Delivery, settings: Any):
    settings.EMAIL_SECOND_PROVIDER = "brevo"
    told = json.dumps(
        {
            "event": "delivered",
            "email": CAMILLE,
            "message-id": ID,
            "date": "2026-03-02 10:30:00",
            "ts_epoch": 1772443800000,
        }
    ).encode()

    answer = Client().post(f"{PATH}second/", told, content_type="application/json", headers=basic())

    assert (answer.status_code, state_of(email)) == (200, "delivered")
    assert ProviderReceipt.objects.get().provider == "brevo"


def test_without_a_second_provider_nobody_is_believed_there(email: Delivery):
    answer = Client().post(
        f"{PATH}second/", postmark("Delivery", ID, CAMILLE), content_type="application/json", headers=basic()
    )

    assert (answer.status_code, state_of(email)) == (403, "accepted")
