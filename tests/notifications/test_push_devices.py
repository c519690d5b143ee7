"""Devices: agreeing, withdrawing, trying out; over the services, the API and the page."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gateways.vapid import VapidKeys
from notifications import push_devices
from notifications.models import OutboxEntry, PushSubscription
from notifications.push_devices import BadSubscriptionKeys, UnknownDevice, UnknownPushService
from sites.models import User
from sites.scope import every_group
from tests.cast import MONDAY, member_of, signed_in
from tests.fakes.push_service import Browser, FakePushService
from tests.fakes.server import Reply
from tests.notifications.channels.conftest import browser, keys, no_keys, push_service

__all__ = ["browser", "keys", "no_keys", "push_service"]  # fixtures

Settings = Any
FCM = "https://fcm.googleapis.com/fcm/send/"
P256DH = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
AUTH = "tBHItJI5svbpez7KI4CCXg"
API = "/api/v1/push/subscriptions/"


def subscribe(person: User, endpoint: str = FCM + "phone", **changes: Any) -> PushSubscription:
    return push_devices.subscribe_push(
        **{
            "member": member_of(person),
            "endpoint": endpoint,
            "p256dh": P256DH,
            "auth": AUTH,
            "device_name": "Phone",
            "at": MONDAY,
            **changes,
        }
    )


def body(endpoint: str = FCM + "phone", **changes: Any) -> dict[str, Any]:
    """What a browser's `PushSubscription.toJSON()` gives."""
    keys_of_browser = {"p256dh": P256DH, "auth": AUTH}
    return {"endpoint": endpoint, "expirationTime": None, "keys": keys_of_browser, **changes}


def post(client: Client, data: object, method: str = "post") -> Any:
    return getattr(client, method)(API, json.dumps(data), content_type="application/json")


def owners(endpoint: str = FCM + "phone") -> list[str]:
    with every_group():
        rows = PushSubscription.objects.filter(endpoint=endpoint)
        return list(rows.values_list("user__first_name", flat=True))


def test_device_belongs_to_who_agreed(camille: User, in_rhone: None):
    device = subscribe(camille)

    assert owners() == ["Camille"]
    assert device.group_id == camille.group_id


def test_agreeing_twice_is_one_device_with_the_newer_keys(camille: User, in_rhone: None):
    first = subscribe(camille)
    again = subscribe(camille, auth="A" * 22, device_name="Renamed")

    assert again.pk == first.pk
    assert (again.auth, str(again)) == ("A" * 22, "Renamed")
    assert PushSubscription.objects.count() == 1


def test_browser_changes_hands_with_whoever_agrees_in_it(camille: User, karim: User, in_rhone: None):
    before = subscribe(camille)
    after = subscribe(karim)

    assert owners() == ["Karim"]
    # Another row: what was planned for Camille's device must not arrive at Karim's.
    assert after.pk != before.pk


def test_browser_changes_hands_across_groups(camille: User, rita: User, in_rhone: None):
    with every_group():
        subscribe(rita)

    subscribe(camille)

    assert owners() == ["Camille"]


def test_device_that_was_silent_longest_makes_room(camille: User, in_rhone: None, settings: Settings):
    settings.PUSH_DEVICES_PER_PERSON = 3
    for number in range(3):
        subscribe(camille, f"{FCM}{number}", at=MONDAY + timedelta(minutes=number))
    PushSubscription.objects.filter(endpoint=f"{FCM}0").update(last_used_at=MONDAY + timedelta(hours=1))

    subscribe(camille, f"{FCM}new", at=MONDAY + timedelta(minutes=9))

    kept = {device.endpoint.removeprefix(FCM) for device in push_devices.devices_of(camille)}
    assert kept == {"0", "2", "new"}


@pytest.mark.parametrize("endpoint", ["https://evil.example/push", "http://127.0.0.1/", FCM + "x" * 1000])
def test_address_of_nobody_we_know_is_not_kept(endpoint: str, camille: User, in_rhone: None):
    with pytest.raises(UnknownPushService):
        subscribe(camille, endpoint)

    assert not PushSubscription.objects.exists()


def test_keys_of_nothing_are_not_kept(camille: User, in_rhone: None):
    with pytest.raises(BadSubscriptionKeys):
        subscribe(camille, p256dh="AAAA")

    assert not PushSubscription.objects.exists()


def test_nobody_withdraws_another_persons_device(camille: User, karim: User, in_rhone: None):
    device = subscribe(camille)

    withdrawn = push_devices.unsubscribe_push(user=karim, endpoint=device.endpoint)
    with pytest.raises(UnknownDevice):
        push_devices.remove_device(user=karim, device_id=device.pk)

    assert not withdrawn
    assert owners() == ["Camille"]


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox · Linux"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_device_has_a_name_that_its_owner_knows(user_agent: str, name: str):
    assert push_devices.name_of_browser(user_agent) == name


def test_test_message_arrives_and_is_noted(camille: User, browser: Browser, in_rhone: None):
    device = subscribe(camille, browser.endpoint, p256dh=browser.p256dh, auth=browser.auth)

    push_devices.send_test_message(user=camille, device_id=device.pk, at=MONDAY)

    device.refresh_from_db()
    assert len(browser.messages) == 1
    assert browser.messages[0]["url"] == "/preferences/devices/"
    assert device.last_used_at == MONDAY


def test_nobody_tests_another_persons_device(camille: User, karim: User, browser: Browser, in_rhone: None):
    device = subscribe(camille, browser.endpoint, p256dh=browser.p256dh, auth=browser.auth)

    with pytest.raises(UnknownDevice):
        push_devices.send_test_message(user=karim, device_id=device.pk, at=MONDAY)

    assert browser.messages == []


# --- REST ---------------------------------------------------------------------------------------------------


def test_browser_asks_for_the_key_and_subscribes(camille: User, keys: VapidKeys):
    client = signed_in(camille)

    key = client.get("/api/v1/push/key/").json()["public_key"]
    answer = client.post(
        API,
        json.dumps(body()),
        content_type="application/json",
        headers={"user-agent": "Firefox/127 (Android)"},
    )

    assert key == keys.public_key
    assert answer.status_code == 201
    assert answer.json()["device_name"] == "Firefox · Android"
    assert owners() == ["Camille"]


def test_key_that_was_never_made_is_said_plainly(camille: User, no_keys: None):
    answer = signed_in(camille).get("/api/v1/push/key/")

    assert answer.status_code == 503
    assert "make_vapid_keys" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "endpoint"),
        (body("https://evil.example/"), "endpoint"),
        (body("x" * 1001), "endpoint"),
        (body("https://fcm.googleapis.com/\u0000"), "endpoint"),
        (body(keys={"p256dh": P256DH}), "keys.auth"),
        (body(keys={"p256dh": "AAAA", "auth": "AAAA"}), "keys"),
        (body(keys=[]), "keys"),
        (body(owner=1), "owner"),
        (body(device_name=7), "device_name"),
        (body(expirationTime="soon"), "expirationTime"),
    ],
)
def test_bad_subscription_is_refused_and_the_field_is_named(data: dict[str, Any], field: str, camille: User):
    answer = post(signed_in(camille), data)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert owners() == []


@pytest.mark.parametrize("raw", ["{", "[]", "null", "[" * 60_000, '{"endpoint": "\\ud800"}'])
def test_nonsense_is_refused(raw: str, camille: User):
    answer = signed_in(camille).post(API, raw, content_type="application/json")

    assert answer.status_code == 400


def test_stranger_subscribes_nothing(db: None):
    client = Client()

    assert client.get("/api/v1/push/key/").status_code == 401
    assert client.get("/api/v1/session/csrf/").status_code == 401
    assert post(client, body()).status_code == 401


def test_subscribing_needs_the_token_of_the_session(camille: User):
    """A service worker has no page to read it from: it asks, and then may post."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(camille, backend="allauth.account.auth_backends.AuthenticationBackend")

    without = post(client, body())
    token = client.get("/api/v1/session/csrf/").json()["token"]
    with_token = client.post(
        API, json.dumps(body()), content_type="application/json", headers={"X-CSRFToken": token}
    )

    assert (without.status_code, with_token.status_code) == (403, 201)


def test_token_is_for_our_own_pages_only(camille: User):
    answer = signed_in(camille).get("/api/v1/session/csrf/", headers={"Origin": "https://evil.example"})

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "no-store" in answer.headers["Cache-Control"]


def test_withdrawing_is_for_the_owner(camille: User, rita: User):
    post(signed_in(camille), body())

    by_rival = post(signed_in(rita), {"endpoint": FCM + "phone"}, "delete")
    missing = post(signed_in(rita), {"endpoint": FCM + "nothing"}, "delete")
    by_owner = post(signed_in(camille), {"endpoint": FCM + "phone"}, "delete")
    again = post(signed_in(camille), {"endpoint": FCM + "phone"}, "delete")

    assert (by_rival.status_code, by_owner.status_code, again.status_code) == (404, 204, 404)
    assert by_rival.json() == missing.json()
    assert owners() == []


# --- the page -----------------------------------------------------------------------------------------------


def test_page_lists_own_devices_without_telling_their_addresses(
    camille: User, karim: User, keys: VapidKeys, in_rhone: None
):
    subscribe(camille, FCM + "mine", device_name="Mine")
    subscribe(karim, FCM + "his", device_name="His")

    page = signed_in(camille).get("/preferences/devices/").content.decode()

    assert "Mine" in page
    assert "His" not in page
    assert FCM not in page
    assert push_devices.fingerprint(FCM + "mine") in page


def test_page_without_keys_offers_no_activation(camille: User, no_keys: None):
    assert "data-push-activate" not in signed_in(camille).get("/preferences/devices/").content.decode()


def test_page_has_the_same_number_of_queries_for_one_device_and_for_three(
    camille: User, keys: VapidKeys, in_rhone: None
):
    client = signed_in(camille)
    counts = []
    for number in range(3):
        subscribe(camille, f"{FCM}{number}")
        with CaptureQueriesContext(connection) as counted:
            client.get("/preferences/devices/")
        counts.append(len(counted))

    assert counts[0] == counts[2]


def test_device_is_removed_from_the_page(camille: User, in_rhone: None):
    device = subscribe(camille)

    answer = signed_in(camille).post(f"/preferences/devices/{device.pk}/remove/", follow=True)

    assert answer.status_code == 200
    assert owners() == []


def test_device_of_somebody_else_is_no_device(camille: User, karim: User, in_rhone: None):
    device = subscribe(camille)
    client = signed_in(karim)

    answers = [
        client.post(f"/preferences/devices/{pk}/{deed}/").status_code
        for pk in (device.pk, 999_999)
        for deed in ("remove", "test")
    ]

    assert answers == [404, 404, 404, 404]
    assert owners() == ["Camille"]


@pytest.mark.parametrize("status", [410, 403, 503])
def test_failed_test_message_is_explained(
    status: int, camille: User, browser: Browser, push_service: FakePushService, in_rhone: None
):
    device = subscribe(camille, browser.endpoint, p256dh=browser.p256dh, auth=browser.auth)
    push_service.tell(Reply(status))

    page = signed_in(camille).post(f"/preferences/devices/{device.pk}/test/", follow=True)

    levels = [message.level_tag for message in page.context["messages"]]
    assert levels == ["error"]
    assert bool(owners(browser.endpoint)) == (status != 410)


def test_test_message_ends_in_the_outbox_without_keys(camille: User, no_keys: None, in_rhone: None):
    device = subscribe(camille)

    signed_in(camille).post(f"/preferences/devices/{device.pk}/test/")

    assert OutboxEntry.objects.get().channel == "push"
