"""An address that is off: nothing leaves for it, its owner reads why, administrators hear of it, STOP and START."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gateways.events import Meaning
from gateways.sms_events import meaning_of_words
from notifications import addresses, letters
from notifications.channels.base import DeliveryError, Receipt, Recipient
from notifications.choices import Channel
from notifications.models import AddressBlock, Delivery, Event, OffReason, ProviderReceipt
from notifications.rendering import Message
from notifications.tasks import apply_receipts
from sites.models import Group, User
from sites.scope import group_scope
from tests.cast import MONDAY, signed_in
from tests.fakes.twilio import TOKEN, answer_form
from tests.notifications.receipts import PUBLIC, call, state_of
from tests.notifications.road import inbox_names, route
from tests.notifications.sending import Provider, refuse, send

INBOUND = "/webhooks/twilio/inbound/"
NUMBER = "+33611111111"


@pytest.fixture(autouse=True)
def _account(settings: Any) -> None:
    settings.PUBLIC_URL, settings.TWILIO_AUTH_TOKEN = PUBLIC, TOKEN


def answer(body: str, number: str = NUMBER, sid: str = "SM100", **told: str) -> str:
    """Somebody texts `body` to our number; what is texted back."""
    response = call(INBOUND, answer_form(sid, number, body) | told)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/xml"
    return str(response.content.decode())


def block(
    person: User, channel: Channel = Channel.SMS, reason: OffReason = OffReason.STOPPED
) -> AddressBlock:
    assert person.group_id is not None
    address = person.phone if channel == Channel.SMS else person.email
    with group_scope(person.group_id):
        made = addresses.switch_off(
            group_id=person.group_id, channel=channel, address=address, reason=reason, at=MONDAY
        )
    assert made is not None
    return made


def stopped(_message: Message, _recipient: Recipient) -> Receipt:
    raise DeliveryError("sms_stopped_by_recipient", permanent=True)


def is_off(number: str = NUMBER) -> bool:
    return AddressBlock.objects.filter(address=number, lifted_at=None).exists()


# --- Nothing leaves --------------------------------------------------------------------------------------------


def test_nothing_leaves_for_a_number_that_is_off(text_message: Delivery, provider: Provider, camille: User):
    camille.refresh_from_db()
    block(camille)

    send()

    text_message.refresh_from_db()
    assert provider.sent == []
    assert (text_message.state, text_message.reason) == ("suppressed", "address_off")


def test_the_block_is_what_keeps_it(
    text_message: Delivery, provider: Provider, camille: User, monkeypatch: pytest.MonkeyPatch
):
    """The control: without the look at the addresses it would have left."""
    camille.refresh_from_db()
    block(camille)
    monkeypatch.setattr(letters, "address_of", lambda _delivery: None)

    send()

    assert len(provider.sent) == 1


def test_a_colleagues_number_and_other_channels_are_not_touched(
    text_message: Delivery, provider: Provider, camille: User, karim: User
):
    block(karim)
    block(camille, Channel.EMAIL)

    send()

    assert len(provider.sent) == 1


def test_refusal_that_names_the_number_switches_it_off(text_message: Delivery, provider: Provider):
    provider.answer = stopped

    send()

    assert state_of(text_message) == "failed_permanent"
    assert is_off("+33612345678")


def test_any_other_refusal_does_not(text_message: Delivery, provider: Provider):
    provider.answer = refuse(permanent=True)

    send()

    assert not AddressBlock.objects.exists()


# --- Who is told -----------------------------------------------------------------------------------------------


def test_administrators_hear_of_it_and_nobody_else(in_rhone: None, camille: User, agnes: User, claire: User):
    User.objects.filter(pk=agnes.pk).update(language="fr")
    block(camille)

    event = Event.objects.get(type_key="notifications.address_off")
    route(event)
    page = signed_in(agnes).get("/inbox/").content.decode()

    assert inbox_names(event) == {"Agnès"}
    assert "Camille Durand" in page
    assert NUMBER in page


def test_never_by_the_address_that_is_off(in_rhone: None, agnes: User, provider: Provider):
    """The administrator's own mailbox bounced: the email about it stays here."""
    block(agnes, Channel.EMAIL, OffReason.BOUNCED)
    route(Event.objects.get(type_key="notifications.address_off"))

    send(channel=Channel.EMAIL)

    assert provider.sent == []
    assert Delivery.objects.get(channel="email").reason == "address_off"


def test_notice_closes_when_the_address_is_used_again(in_rhone: None, camille: User, agnes: User):
    off = block(camille)
    told = Event.objects.get(type_key="notifications.address_off", kind="notice")
    route(told)

    signed_in(camille).post(f"/preferences/addresses/{off.pk}/lift/")
    route(Event.objects.get(type_key="notifications.address_off", kind="closing"))

    assert told.notifications.get().closed_at is not None


# --- The page --------------------------------------------------------------------------------------------------


def test_person_reads_why_and_uses_the_number_again(in_rhone: None, camille: User):
    User.objects.filter(pk=camille.pk).update(language="en")
    off = block(camille)
    client = signed_in(camille)

    before = client.get("/preferences/").content.decode()
    client.post(f"/preferences/addresses/{off.pk}/lift/")
    after = client.get("/preferences/").content.decode()

    assert "STOP was answered" in before
    assert "Text START" in before
    assert f"/preferences/addresses/{off.pk}/lift/" in before
    assert "STOP was answered" not in after
    lifted = AddressBlock.objects.get(pk=off.pk)
    assert (lifted.lifted_by, lifted.lifted_at is not None) == (camille, True)


def test_message_leaves_again_once_the_number_is_lifted(
    text_message: Delivery, provider: Provider, camille: User
):
    camille.refresh_from_db()
    off = block(camille)
    signed_in(camille).post(f"/preferences/addresses/{off.pk}/lift/")

    send()

    assert len(provider.sent) == 1


def test_lifted_address_that_fails_again_is_off_again(in_rhone: None, camille: User, agnes: User):
    off = block(camille)
    signed_in(camille).post(f"/preferences/addresses/{off.pk}/lift/")

    again = block(camille)

    assert again.pk != off.pk
    assert Event.objects.filter(type_key="notifications.address_off", kind="notice").count() == 2


def test_only_its_owner_and_administrators_lift_it(
    in_rhone: None, camille: User, karim: User, agnes: User, rita: User
):
    off = block(camille)
    path = f"/preferences/addresses/{off.pk}/lift/"

    refused = [signed_in(person).post(path).status_code for person in (karim, rita)]
    allowed = signed_in(agnes).post(path).status_code

    assert (refused, allowed) == ([404, 404], 302)


def test_looking_lifts_nothing(in_rhone: None, camille: User):
    assert signed_in(camille).get(f"/preferences/addresses/{block(camille).pk}/lift/").status_code == 405
    assert is_off()


# --- STOP and START --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word", ["STOP", "stop.", " Stop !", "Arrêt", "ARRET", "arrêter", "Désabonner", "unsubscribe"]
)
def test_stop_in_any_spelling_switches_the_number_off(word: str, in_rhone: None, camille: User):
    answer(word)

    assert is_off()


@pytest.mark.parametrize("word", ["START", "start!", "Unstop", "Reprendre", "Réactiver", "yes"])
def test_start_switches_it_on_again(word: str, in_rhone: None, camille: User):
    answer("STOP")

    answer(word, sid="SM101")

    assert not is_off()


def test_what_twilio_has_obeyed_is_obeyed_here(in_rhone: None, camille: User):
    """It may know more words than we do: an account can be given its own."""
    answer("c’est fini", sid="SM1", OptOutType="STOP")
    after_stop = is_off()
    answer("oui", sid="SM2", OptOutType="START")

    assert (after_stop, is_off()) == (True, False)


@pytest.mark.parametrize(
    "words", ["", "ok", "yes please", "reprise", "Stop en gare de Lyon", "non stop", "merci"]
)
def test_other_words_are_kept_and_change_nothing(words: str, in_rhone: None, camille: User):
    back = answer(words)

    assert not is_off()
    assert "<Message>" not in back
    assert ProviderReceipt.objects.get().meaning == Meaning.ANSWERED


def test_words_that_twilio_does_not_know_are_confirmed_in_the_persons_language(in_rhone: None, camille: User):
    english = answer("STOP")
    User.objects.filter(pk=camille.pk).update(language="en")

    ours = answer("arrêt", sid="SM101")

    assert "<Message>" not in english  # Twilio has confirmed it
    assert "You get no more text messages from us" in ours


def test_stop_repeated_after_start_does_not_switch_off_again(in_rhone: None, camille: User):
    """Twilio repeats a call whose answer it missed: same SID, same row."""
    answer("STOP", sid="SM1")
    answer("START", sid="SM2")

    answer("STOP", sid="SM1")

    assert not is_off()


def test_stop_holds_in_every_group_that_knows_the_number(
    in_rhone: None, camille: User, rita: User, rival: Group
):
    User.objects.filter(pk=rita.pk).update(phone=NUMBER)

    answer("STOP")

    assert is_off()
    with group_scope(rival.pk):
        assert is_off()


def test_stop_of_a_stranger_is_only_kept(in_rhone: None, camille: User):
    answer("STOP", number="+33699999999")

    assert not AddressBlock.objects.exists()
    assert ProviderReceipt.objects.get().outcome == "nothing_new"


def test_stop_whose_handling_was_interrupted_is_obeyed_by_the_sweep(
    in_rhone: None, camille: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(addresses, "groups_at", lambda _number: 1 / 0)
    answer("STOP")
    monkeypatch.undo()

    apply_receipts()

    assert is_off()


def test_stranger_cannot_stop_anybody(in_rhone: None, camille: User):
    forged = call(INBOUND, answer_form("SM1", NUMBER, "STOP"), signature="nonsense")

    assert forged.status_code == 403
    assert not is_off()


def test_inbound_without_a_number_is_a_bad_request(db: None):
    assert call(INBOUND, answer_form("SM1", "", "STOP")).status_code == 400


def test_inbound_answers_posts_only(db: None):
    assert Client().get(INBOUND).status_code == 405


@given(st.text(max_size=60))
def test_no_words_break_the_reading(text: str):
    assert meaning_of_words(text) in Meaning


def test_person_without_a_group_is_no_business_of_a_stop(in_rhone: None, db: None):
    User.objects.create_user("staff@dms.test", phone=NUMBER, first_name="S", last_name="T")

    answer("STOP")

    assert not AddressBlock.objects.exists()


def test_two_who_share_a_number_are_both_named(in_rhone: None, camille: User, karim: User):
    User.objects.filter(pk=karim.pk).update(phone=NUMBER)

    block(camille)

    assert Event.objects.get(type_key="notifications.address_off").payload["person_name"] == (
        "Karim Benali, Camille Durand"
    )
