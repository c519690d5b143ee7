"""Twilio tells what became of a text: signed, kept raw, applied upwards, early or twice or in the wrong order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import now
from gateways import sms_events
from notifications import receipts
from notifications.choices import Channel
from notifications.models import Delivery, ProviderReceipt
from notifications.replaying import replay_one
from notifications.tasks import apply_receipts, forget_receipts
from sites.models import Site, User
from sites.scope import every_group, group_scope
from tests.cast import MONDAY, member_of
from tests.fakes.twilio import TOKEN, signature_of, status_form
from tests.notifications.receipts import (
    FORM,
    PUBLIC,
    STATUS,
    accepted_text,
    call,
    outcomes,
    state_of,
    tell_status,
)
from tests.notifications.road import choose


@pytest.fixture(autouse=True)
def _account(settings: Any) -> None:
    settings.PUBLIC_URL, settings.TWILIO_AUTH_TOKEN = PUBLIC, TOKEN


@pytest.fixture
def text(lyon: Site, camille: User, in_rhone: None) -> Delivery:
    choose(camille, Channel.SMS, enabled=True)
    return accepted_text(lyon, camille)


def test_delivered_text_is_delivered_and_its_receipt_kept_as_it_came(text: Delivery):
    answer = tell_status("SM1", "delivered")

    kept = ProviderReceipt.objects.get()
    assert (answer.status_code, state_of(text)) == (200, "delivered")
    assert (kept.outcome, kept.delivery_id) == ("applied", text.pk)
    assert "MessageStatus=delivered" in kept.raw


def test_failed_text_keeps_twilios_reason_in_our_words(text: Delivery):
    tell_status("SM1", "undelivered", code="30003")

    text.refresh_from_db()
    assert (text.state, text.error) == ("failed_permanent", "sms_phone_off")


def test_same_receipt_twice_is_one_row(text: Delivery):
    answers = [tell_status("SM1", "delivered").status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert outcomes() == ["applied"]


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_order_of_arrival_does_not_matter(order: tuple[str, ...], text: Delivery):
    for status in order:
        tell_status("SM1", status)

    assert state_of(text) == "delivered"


@pytest.mark.parametrize(
    ("first", "later", "stays"),
    [("delivered", "failed", "delivered"), ("failed", "delivered", "failed_permanent")],
)
def test_final_state_never_regresses(first: str, later: str, stays: str, text: Delivery):
    tell_status("SM1", first)
    tell_status("SM1", later)

    assert state_of(text) == stays
    assert outcomes() == ["applied", "nothing_new"]


@pytest.mark.parametrize("state", ["cancelled", "dead", "planned", "suppressed", "failed_temporary"])
def test_only_what_the_provider_has_is_moved(state: str, text: Delivery):
    Delivery.objects.filter(pk=text.pk).update(state=state)

    tell_status("SM1", "delivered")

    assert state_of(text) == state


def test_early_receipt_waits_until_the_message_is_known(text: Delivery):
    Delivery.objects.filter(pk=text.pk).update(state="sending", provider_id="")
    early = tell_status("SM1", "delivered", about=text.pk)
    before = outcomes()

    Delivery.objects.filter(pk=text.pk).update(state="accepted", provider_id="SM1")
    apply_receipts()

    assert (early.status_code, before) == (200, ["waiting"])
    assert state_of(text) == "delivered"


@pytest.mark.parametrize("state", ["failed_temporary", "planned"])
def test_a_message_that_waits_to_be_sent_again_has_arrived_already(state: str, text: Delivery):
    """Its answer was lost, and Twilio did not list it yet when it was asked."""
    Delivery.objects.filter(pk=text.pk).update(state=state, provider_id="", attempts=1)

    tell_status("SM9", "delivered", about=text.pk)

    assert (state_of(text), outcomes()) == ("delivered", ["applied"])


def test_a_lost_message_that_a_person_sends_again_is_still_found(text: Delivery, agnes: User):
    """Its attempts count anew, and it is looked up at the provider first: the receipt may be quicker."""
    Delivery.objects.filter(pk=text.pk).update(
        state="unknown", provider_id="", attempts=6, attempted_at=MONDAY
    )
    replay_one(member=member_of(agnes), delivery_id=text.pk, at=MONDAY + timedelta(days=1))

    tell_status("SM9", "delivered", about=text.pk)

    assert (state_of(text), outcomes()) == ("delivered", ["applied"])


def test_a_receipt_waits_while_a_worker_sends_its_message_again(
    text: Delivery, monkeypatch: pytest.MonkeyPatch
):
    Delivery.objects.filter(pk=text.pk).update(state="failed_temporary", provider_id="", attempts=1)
    find = receipts._delivery_of

    def find_and_lose(receipt: ProviderReceipt) -> Delivery | None:
        found = find(receipt)
        with every_group():
            Delivery.objects.filter(pk=text.pk).update(state="sending", attempts=2)
        return found

    monkeypatch.setattr(receipts, "_delivery_of", find_and_lose)

    tell_status("SM9", "delivered", about=text.pk)

    assert (state_of(text), outcomes()) == ("sending", ["waiting"])


def test_a_message_that_was_never_tried_has_no_receipt(text: Delivery):
    Delivery.objects.filter(pk=text.pk).update(state="planned", provider_id="", attempts=0)

    tell_status("SM9", "delivered", about=text.pk)

    assert (state_of(text), outcomes()) == ("planned", ["waiting"])


def test_receipt_of_a_message_whose_answer_was_lost_settles_it(text: Delivery):
    """The address that Twilio calls names our own number for the message."""
    Delivery.objects.filter(pk=text.pk).update(state="unknown", provider_id="", attempts=1)

    tell_status("SM9", "sent", about=text.pk)
    after_sent = state_of(text)
    tell_status("SM9", "delivered", about=text.pk)

    assert (after_sent, state_of(text)) == ("accepted", "delivered")
    assert Delivery.objects.get(pk=text.pk).provider_id == "SM9"


def test_receipt_of_an_earlier_attempt_does_not_touch_the_later_one(text: Delivery):
    tell_status("SM0", "failed", about=text.pk)

    assert state_of(text) == "accepted"
    assert outcomes() == ["waiting"]


def test_unknown_message_is_answered_and_kept(db: None):
    answer = tell_status("SMnobody", "delivered")
    apply_receipts()

    assert answer.status_code == 200
    assert outcomes() == ["waiting"]


def test_receipt_finds_its_message_in_whatever_group(rival_site: Site, rita: User):
    with group_scope(rival_site.group_id):
        User.objects.filter(pk=rita.pk).update(phone="+33633333333")
        choose(rita, Channel.SMS, enabled=True)
        text = accepted_text(rival_site, rita, "SM7")

    tell_status("SM7", "delivered")

    assert state_of(text) == "delivered"


def test_receipt_that_fails_stops_neither_the_answer_nor_the_others(
    text: Delivery, lyon: Site, camille: User, monkeypatch: pytest.MonkeyPatch
):
    other = accepted_text(lyon, camille, "SM2")
    move = receipts._move

    def fail_for_one(delivery: Delivery, *arguments: Any) -> bool:
        if delivery.pk == text.pk:
            raise RuntimeError
        return move(delivery, *arguments)

    monkeypatch.setattr(receipts, "_move", fail_for_one)
    answers = [tell_status(sid, "delivered").status_code for sid in ("SM1", "SM2")]
    during = outcomes()
    monkeypatch.undo()
    apply_receipts()

    assert answers == [200, 200]
    assert during == ["waiting", "applied"]
    assert {state_of(text), state_of(other)} == {"delivered"}


# --- Who may tell --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signature", ["", "nonsense", signature_of(PUBLIC + STATUS, {}, "other token")])
def test_call_without_twilios_signature_is_refused(signature: str, text: Delivery):
    answer = call(STATUS, status_form("SM1", "delivered"), signature=signature)

    assert (answer.status_code, state_of(text), outcomes()) == (403, "accepted", [])


def test_the_second_account_signs_with_its_own_token(text: Delivery, settings: Any):
    form = status_form("SM1", "delivered")
    signature = signature_of(PUBLIC + STATUS, form, "second token")
    refused = call(STATUS, form, signature=signature)
    settings.TWILIO_SECOND_AUTH_TOKEN = "second token"

    believed = call(STATUS, form, signature=signature)

    assert (refused.status_code, believed.status_code, state_of(text)) == (403, 200, "delivered")


def test_signature_is_of_the_public_address(text: Delivery):
    """Behind the proxy the product sees another host; and a signature for that one proves nothing."""
    private = call(STATUS, status_form("SM1", "delivered"), at="http://testserver")
    public = call(STATUS, status_form("SM1", "delivered"))

    assert (private.status_code, public.status_code) == (403, 200)


def test_signature_covers_our_own_number_for_the_message(text: Delivery):
    form = status_form("SM1", "delivered")
    signature = signature_of(f"{PUBLIC}{STATUS}?delivery={text.pk}", form)

    answer = call(f"{STATUS}?delivery={text.pk + 1}", form, signature=signature)

    assert answer.status_code == 403


def test_without_an_account_nobody_is_believed(text: Delivery, settings: Any):
    """An empty token would make signatures that anybody can compute."""
    settings.TWILIO_AUTH_TOKEN = ""

    answer = call(
        STATUS,
        status_form("SM1", "delivered"),
        signature=signature_of(PUBLIC + STATUS, status_form("SM1", "delivered"), ""),
    )

    assert (answer.status_code, state_of(text)) == (403, "accepted")


def test_signature_is_what_refuses(text: Delivery, monkeypatch: pytest.MonkeyPatch):
    """The control: without the check a stranger's call is believed."""
    monkeypatch.setattr(sms_events, "_check", lambda *_: None)

    call(STATUS, status_form("SM1", "delivered"), signature="nonsense")

    assert state_of(text) == "delivered"


def test_looking_is_not_telling(db: None):
    assert Client().get(STATUS).status_code == 405


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"MessageSid": "SM1"},
        {"MessageStatus": "delivered"},
        {"MessageSid": "SM1", "MessageStatus": "levitating"},
        {"MessageSid": "SM1\0", "MessageStatus": "delivered"},
        {"MessageSid": "S" * 65, "MessageStatus": "delivered"},
    ],
)
def test_signed_nonsense_is_a_bad_request(form: dict[str, str], db: None):
    assert call(STATUS, form).status_code == 400


ANY_TEXT = st.text(max_size=40)
CONTENTS = st.sampled_from([FORM, "text/plain", "multipart/form-data; boundary=x"])
FIELDS = st.dictionaries(
    st.sampled_from(["MessageSid", "MessageStatus", "ErrorCode", "To", "SmsSid", "SmsStatus"]) | ANY_TEXT,
    st.sampled_from(["SM1", "delivered", "failed", "21610", "30005"]) | ANY_TEXT,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=FIELDS, query=ANY_TEXT)
def test_no_signed_form_breaks_it(form: dict[str, str], query: str, text: Delivery):
    path = f"{STATUS}?{urlencode({'delivery': query})}"
    answer = call(path, form)

    assert answer.status_code in {200, 400}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200),
    signature=ANY_TEXT,
    content=CONTENTS,
)
def test_no_body_breaks_it(body: bytes, signature: str, content: str, db: None):
    printable = "".join(char for char in signature if char.isascii() and char.isprintable())
    answer = Client().post(STATUS, body, content_type=content, headers={"X-Twilio-Signature": printable})

    assert answer.status_code in {400, 403}


# --- What is kept ----------------------------------------------------------------------------------------------


def test_receipts_are_forgotten_after_a_quarter(text: Delivery):
    tell_status("SM1", "sent")
    tell_status("SM1", "delivered")
    old = ProviderReceipt.objects.order_by("pk")[:1].values_list("pk")
    ProviderReceipt.objects.filter(pk__in=list(old[0])).update(
        received_at=now() - receipts.KEPT_FOR - timedelta(days=1)
    )

    forget_receipts()

    assert ProviderReceipt.objects.count() == 1


def test_a_receipt_stands_alone_for_a_message_that_is_gone(text: Delivery):
    tell_status("SM1", "delivered")

    with every_group():
        Delivery.objects.all().delete()

    assert ProviderReceipt.objects.count() == 0
