"""Web Push against a service that decrypts and checks for real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from gateways import http, push, vapid
from gateways.errors import DeliveryError
from gateways.push import BadSubscriptionKeys, Subscription, UnknownPushService
from gateways.vapid import VapidKeys
from tests.fakes.push_service import (
    Browser,
    FakePushService,
    Forged,
    Undecipherable,
    check_vapid,
    decrypt,
    from_base64url,
)
from tests.fakes.server import Reply

PAYLOAD = {"title": "Nouveau lead : Hélène Ménard", "body": "Peugeot 208 · Lyon", "url": "/leads/1/"}
KNOWN = "https://fcm.googleapis.com/fcm/send/abc"
Settings = Any


@pytest.fixture
def keys(tmp_path: Path, settings: Settings) -> VapidKeys:
    settings.VAPID_PRIVATE_KEY_FILE = str(tmp_path / "keys" / "vapid_private.pem")
    vapid.make_keys(Path(settings.VAPID_PRIVATE_KEY_FILE))
    made = vapid.current_keys()
    assert made is not None
    return made


@pytest.fixture
def service(loopback: None, settings: Settings) -> Iterator[FakePushService]:
    settings.PUSH_SERVICES = [*settings.PUSH_SERVICES, "127.0.0.1"]
    with FakePushService().running() as running:
        yield running


@pytest.fixture
def browser(service: FakePushService, keys: VapidKeys) -> Browser:
    return service.open_browser(keys.public_key)


def subscription_of(browser: Browser) -> Subscription:
    return Subscription(browser.endpoint, browser.p256dh, browser.auth)


def send(browser: Browser, keys: VapidKeys, **options: Any) -> str:
    return push.send(
        subscription_of(browser),
        options.pop("payload", PAYLOAD),
        keys=keys,
        life=timedelta(hours=4),
        **options,
    )


def refused(browser: Browser, keys: VapidKeys) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(browser, keys)
    return caught.value


def test_browser_reads_what_was_sent(browser: Browser, keys: VapidKeys):
    provider_id = send(browser, keys, urgency=push.Urgency.HIGH, topic="lead:1")

    assert browser.messages == [PAYLOAD]
    assert provider_id == "1"
    headers = browser.headers[0]
    assert (headers["ttl"], headers["urgency"], headers["content-encoding"]) == ("14400", "high", "aes128gcm")
    assert len(headers["topic"]) == 32
    assert "lead" not in headers["topic"]


def test_no_other_browser_can_read_it(service: FakePushService, browser: Browser, keys: VapidKeys):
    other = service.open_browser(keys.public_key)
    body = push.encrypt(b"secret", subscription_of(browser))

    assert browser.read(body) == b"secret"
    with pytest.raises(Undecipherable):
        other.read(body)


def test_service_refuses_what_was_encrypted_for_another_browser(service: FakePushService, keys: VapidKeys):
    one, other = service.open_browser(keys.public_key), service.open_browser(keys.public_key)

    with pytest.raises(DeliveryError, match="push_status_403"):
        push.send(Subscription(one.endpoint, other.p256dh, other.auth), PAYLOAD, keys=keys, life=timedelta(0))

    assert one.messages == []
    assert service.refusals == ["not for this browser"]


def test_service_refuses_another_sender(browser: Browser, service: FakePushService):
    stranger = VapidKeys(ec.generate_private_key(ec.SECP256R1()))

    error = refused(browser, stranger)

    assert (error.permanent, error.gone) == (True, False)
    assert service.refusals == ["not the key that the browser subscribed with"]


def test_token_is_checked_down_to_its_signature(keys: VapidKeys):
    """The control of the fake: it refuses what is unsigned, forged, for somebody else, or too old."""
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    origin = "https://push.example"
    good = keys.authorization(origin, "mailto:it@demo.test", at)
    header, rest = good.split(" t=")
    token, key = rest.split(",k=")
    unsigned = ".".join([*token.split(".")[:2], ""])
    changed = token[:-8] + "AAAAAAAA"

    with time_machine.travel(at, tick=False):
        claims = check_vapid(good, keys.public_key, origin)
        for forged in ("", f"{header} t={unsigned},k={key}", f"{header} t={changed},k={key}"):
            with pytest.raises(Forged):
                check_vapid(forged, keys.public_key, origin)
        with pytest.raises(Forged, match="another audience"):
            check_vapid(good, keys.public_key, "https://other.example")
    with time_machine.travel(at + timedelta(hours=13), tick=False), pytest.raises(Forged, match="expired"):
        check_vapid(good, keys.public_key, origin)

    assert claims["sub"] == "mailto:it@demo.test"


def test_every_send_is_signed_afresh(browser: Browser, keys: VapidKeys):
    with time_machine.travel("2026-03-02T09:30:00Z", tick=False) as clock:
        send(browser, keys)
        clock.shift(timedelta(hours=20))
        send(browser, keys)

    assert len(browser.messages) == 2


def test_fake_browser_reads_the_example_of_the_rfc():
    """RFC 8291 appendix A: the fake decrypts by the book, so it can judge what we encrypt."""
    private = int.from_bytes(from_base64url("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big")
    key = ec.derive_private_key(private, ec.SECP256R1())
    body = from_base64url(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK"
        "6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )

    text = decrypt(body, key, from_base64url("BTBZMqHH6r4Tts7J_aSIgg"))

    assert text == b"When I grow up, I want to be a watermelon"


@pytest.mark.parametrize("status", [404, 410])
def test_subscription_that_ended_is_gone(
    status: int, browser: Browser, service: FakePushService, keys: VapidKeys
):
    service.tell(Reply(status))

    error = refused(browser, keys)

    assert (error.permanent, error.gone, error.reason) == (True, True, "push_subscription_ended")


def test_busy_service_says_when_to_come_back(browser: Browser, service: FakePushService, keys: VapidKeys):
    service.tell(Reply(429, headers={"Retry-After": "37"}))

    error = refused(browser, keys)

    assert (error.permanent, error.retry_after) == (False, 37)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_broken_service_is_tried_again(
    status: int, browser: Browser, service: FakePushService, keys: VapidKeys
):
    service.tell(Reply(status))

    assert not refused(browser, keys).permanent


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403])
def test_other_refusals_are_final(status: int, browser: Browser, service: FakePushService, keys: VapidKeys):
    service.tell(Reply(status, headers={"Location": f"{service.url}/elsewhere"}))

    error = refused(browser, keys)

    assert (error.permanent, error.gone) == (True, False)
    assert len(service.received) == 1


def test_silent_service_is_tried_again(
    browser: Browser, service: FakePushService, keys: VapidKeys, monkeypatch: pytest.MonkeyPatch
):
    quick = partial(http.request, timeout=0.2)
    monkeypatch.setattr(http, "request", quick)
    service.tell(Reply(delay=3))

    error = refused(browser, keys)

    assert (error.permanent, error.reason) == (False, "push_timeout")


def test_too_large_is_cut_and_tried_once_more(browser: Browser, service: FakePushService, keys: VapidKeys):
    service.tell(Reply(413))

    send(browser, keys, payload={**PAYLOAD, "body": "é" * 1500})

    assert len(service.received) == 2
    assert len(json.dumps(browser.messages[0], ensure_ascii=False).encode()) <= push.REDUCED_PLAINTEXT + 20
    assert browser.messages[0]["title"] == PAYLOAD["title"]
    assert browser.messages[0]["body"].endswith("…")


def test_too_large_twice_is_final(browser: Browser, service: FakePushService, keys: VapidKeys):
    service.tell(Reply(413), Reply(413))

    error = refused(browser, keys)

    assert (error.permanent, error.reason) == (True, "push_too_long")
    assert len(service.received) == 2


def test_largest_message_fills_the_body_exactly(browser: Browser):
    assert len(push.encrypt(b"x" * push.MAX_PLAINTEXT, subscription_of(browser))) == 4096


def test_message_of_any_length_arrives(browser: Browser, keys: VapidKeys):
    send(browser, keys, payload={"title": "Long", "body": "Bonjour, " * 5000})

    assert browser.messages[0]["title"] == "Long"
    assert browser.messages[0]["body"].startswith("Bonjour, Bonjour")


@given(
    st.text(max_size=3000),
    st.text(max_size=9000),
    st.integers(min_value=100, max_value=push.MAX_PLAINTEXT),
)
def test_cut_payload_is_still_json_with_the_beginning_of_the_text(title: str, body: str, limit: int):
    payload = {"title": title, "body": body, "url": "/leads/1/"}

    encoded = push.fitted(payload, limit, ("body", "title"))

    read = json.loads(encoded)
    assert len(encoded) <= limit
    assert read["url"] == "/leads/1/"
    assert title.startswith(read["title"].removesuffix("…")) or read["title"] == title
    assert body.startswith(read["body"].removesuffix("…")) or read["body"] == body


def test_half_a_character_does_not_stop_a_message(browser: Browser, keys: VapidKeys):
    send(browser, keys, payload={"title": "\ud83d lead", "body": ""})

    assert browser.messages[0]["title"] == "? lead"


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(DeliveryError, match="push_too_long"):
        push.fitted({"title": "", "url": "/" * 5000}, push.MAX_PLAINTEXT, ("title",))


@pytest.mark.parametrize(
    "endpoint",
    [
        KNOWN,
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://web.push.apple.com/QGuM",
        "https://wns2-par02p.notify.windows.com/w/?token=BQY",
    ],
)
def test_service_of_a_browser_maker_is_known(endpoint: str):
    push.check_endpoint(endpoint)

    assert endpoint.startswith("https://")


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/push", "http://fcm.googleapis.com/x", "https://fcm.googleapis.com.evil.example/",
        "https://evil-push.apple.com.example/", "https://push.apple.com/", "https://xpush.apple.com/",
        "https://fcm.googleapis.com:8443/", "https://fcm.googleapis.com@127.0.0.1/", "https://127.0.0.1/", "",
    ],
)  # fmt: skip
def test_any_other_address_is_refused_and_never_called(
    endpoint: str, keys: VapidKeys, browser: Browser, settings: Settings
):
    settings.PUSH_SERVICES = [name for name in settings.PUSH_SERVICES if name != "127.0.0.1"]

    with pytest.raises(UnknownPushService):
        push.check_endpoint(endpoint)
    with pytest.raises(DeliveryError, match="push_service_unknown"):
        push.send(Subscription(endpoint, browser.p256dh, browser.auth), PAYLOAD, keys=keys, life=timedelta(0))


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("", ""), ("AAAA", "AAAA"), ("B" * 87, "A" * 22), ("!" * 87, "A" * 22), ("é" * 87, "A" * 22)],
)
def test_keys_that_nobody_can_encrypt_for_are_refused(p256dh: str, auth: str, keys: VapidKeys):
    broken = Subscription(KNOWN, p256dh, auth)

    with pytest.raises(BadSubscriptionKeys):
        push.check_keys(broken)
    with pytest.raises(DeliveryError) as caught:
        push.send(broken, PAYLOAD, keys=keys, life=timedelta(0))

    assert (caught.value.permanent, caught.value.gone) == (True, True)
