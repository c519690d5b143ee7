"""Push in a real browser: the service worker shows what arrives, and takes a lead with one tap.

Chromium's debugger plays the push service's last metre (there is no network in a test); the encryption before it
is proven in tests/gateways/test_push.py. A tap on a system notification cannot be made from outside, so the
worker's own answer to the tap is called.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, Playwright, Worker

from tests.journeys.browsing import sign_in
from tests.journeys.conftest import NewPage, launch
from tests.journeys.serving import Server

SELLER, COLLEAGUE = "vendeur.lyon@demo.test", "vendeuse.lyon@demo.test"

LISTEN = """() => {
  window.heard = [];
  navigator.serviceWorker.addEventListener("message", ({data}) => window.heard.push(data));
}"""

NOTE_WHAT_IS_SHOWN = """() => {
  self.shown = [];
  const show = registration.showNotification.bind(registration);
  registration.showNotification = (title, options) => {
    self.shown.push({title, ...options});
    return show(title, options).catch(() => {});
  };
}"""


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The full Chromium: the headless shell of the other journeys crashes on a push message."""
    chromium = launch(playwright, "CHROMIUM_FULL")
    yield chromium
    chromium.close()


# Before a notification stands, the browser fetches its pictures: a busy server may take its time over them.
SECONDS_TO_SHOW = 30

ON_SCREEN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const found = await registration.getNotifications();
  return found.map(({title, body, tag, lang, actions}) => ({title, body, tag, lang, actions}));
}"""


def until(holds: Callable[[Any], bool], look: Callable[[], Any], *, seconds: float = SECONDS_TO_SHOW) -> Any:
    """What `look` sees once it `holds`, or at the end of the patience.

    Playwright asks an asynchronous predicate of `wait_for_function` once only, so what answers later is asked here.
    """
    end = time.monotonic() + seconds
    while not holds(seen := look()) and time.monotonic() < end:
        time.sleep(0.1)
    return seen


class Phone:
    """A salesperson's browser with its service worker and the debugger's view of it."""

    def __init__(self, page: Page, server: Server, email: str) -> None:
        self.page, self._url = page, server.url
        page.context.grant_permissions(["notifications"], origin=server.url)
        sign_in(page, server.url, email)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self._debugger: CDPSession = page.context.new_cdp_session(page)
        self._registration = self._registration_id()
        page.evaluate(LISTEN)

    @property
    def worker(self) -> Worker:
        return self.page.context.service_workers[0]

    def receive(self, message: dict[str, Any] | str) -> dict[str, Any]:
        """Deliver a push message; what the worker read in it and told the open page."""
        data = message if isinstance(message, str) else json.dumps(message)
        self._debugger.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self._url, "registrationId": self._registration, "data": data},
        )
        self.page.wait_for_function("() => window.heard.length > 0", timeout=SECONDS_TO_SHOW * 1_000)
        heard: dict[str, Any] = self.page.evaluate("() => window.heard[0].message")
        return heard

    def on_screen(self) -> list[dict[str, Any]]:
        """What the system shows, once there is something."""
        shown: list[dict[str, Any]] = until(bool, self.looked_at)
        return shown

    def looked_at(self) -> list[dict[str, Any]]:
        """What the system shows at this moment."""
        shown: list[dict[str, Any]] = self.page.evaluate(ON_SCREEN)
        return shown

    def told_by_the_worker(self) -> dict[str, Any]:
        """The notification with which the worker answered a tap."""
        shown: list[dict[str, Any]] = self.worker.evaluate("() => self.shown")
        assert len(shown) == 1
        return shown[0]

    def tap(self, action: str, message: dict[str, Any]) -> None:
        """Tap a button of the notification, or (empty) the notification itself."""
        self.worker.evaluate(NOTE_WHAT_IS_SHOWN)
        self.worker.evaluate(
            "([action, data]) => answerClick({action, notification: {data, close() {}}})", [action, message]
        )

    def _registration_id(self) -> str:
        found: list[str] = []

        def note(event: dict[str, Any]) -> None:
            found.extend(row["registrationId"] for row in event["registrations"])

        self._debugger.on("ServiceWorker.workerRegistrationUpdated", note)
        self._debugger.send("ServiceWorker.enable")
        for _ in range(50):
            if found:
                return found[0]
            self.page.wait_for_timeout(100)
        raise AssertionError("no service worker was registered")


@pytest.fixture
def phone(new_page: NewPage, server: Server) -> Phone:
    return Phone(new_page(), server, SELLER)


def new_lead(server: Server, name: str) -> str:
    """A prospect's form, as the website posts it; the lead's id."""
    body = {
        "first_name": name,
        "last_name": "Push",
        "email": f"{name}@push.example".lower(),
        "message": "Bonjour",
    }
    request = urllib.request.Request(
        f"{server.url}/api/v1/leads/",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": "Api-Key demo-lyon-website"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["id"])


def alert(lead_id: str) -> dict[str, Any]:
    """What channels/push/payload.py makes of a new lead."""
    return {
        "title": "Nouveau lead : Hélène",
        "body": "Peugeot 208 · Lyon",
        "url": f"/leads/{lead_id}/",
        "tag": f"lead:{lead_id}",
        "lang": "fr",
        "urgent": True,
        "badge": 1,
        "actions": [{"key": "claim", "label": "Prendre le lead", "post": f"/api/v1/leads/{lead_id}/claim/"}],
        "texts": {"done": "C'est fait : il est à vous.", "failed": "Cela n'a pas marché."},
    }


def owner_of(page: Page, lead_id: str) -> str:
    lead: dict[str, Any] = page.evaluate("id => fetch(`/api/v1/leads/${id}/`).then((r) => r.json())", lead_id)
    return json.dumps(lead.get("owner"), ensure_ascii=False)


def test_push_message_becomes_a_notification_with_a_button(phone: Phone):
    message = alert("1")

    read = phone.receive(message)

    assert read == message
    shown = phone.on_screen()[0]
    assert (shown["title"], shown["body"]) == ("Nouveau lead : Hélène", "Peugeot 208 · Lyon")
    assert (shown["tag"], shown["lang"]) == ("lead:1", "fr")
    assert [(action["action"], action["title"]) for action in shown["actions"]] == [
        ("claim", "Prendre le lead")
    ]


def test_unreadable_push_message_still_shows_something(phone: Phone):
    read = phone.receive("not json")

    assert read == {"title": "DMS"}
    assert [notification["title"] for notification in phone.on_screen()] == ["DMS"]


def test_one_tap_takes_the_lead_and_the_second_learns_who_won(
    phone: Phone, new_page: NewPage, server: Server
):
    lead_id = new_lead(server, "Helene")
    rival = Phone(new_page(), server, COLLEAGUE)

    phone.tap("claim", alert(lead_id))
    rival.tap("claim", alert(lead_id))

    won, lost = phone.told_by_the_worker(), rival.told_by_the_worker()
    winner = owner_of(phone.page, lead_id)
    assert won["body"] == "C'est fait : il est à vous."
    assert lost["body"] != won["body"]
    assert any(word in winner for word in lost["body"].split() if word[:1].isupper() and len(word) > 3)
    assert won["data"]["actions"] == []


def test_tap_without_a_session_says_that_it_failed(phone: Phone, server: Server):
    lead_id = new_lead(server, "Sessionless")
    phone.page.context.clear_cookies()

    phone.tap("claim", alert(lead_id))

    assert phone.told_by_the_worker()["body"] == "Cela n'a pas marché."


@pytest.mark.parametrize(
    "hostile", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_message_leads_to_our_own_pages_only(hostile: str, phone: Phone, server: Server):
    led = phone.worker.evaluate("path => ownUrl(path)", hostile)

    assert led == f"{server.url}/"


def test_devices_page_explains_before_it_asks(new_page: NewPage, server: Server):
    page = new_page()
    sign_in(page, server.url, SELLER)
    page.goto(f"{server.url}/preferences/devices/")

    page.locator("[data-push-state]:not([hidden])").wait_for()

    visible = page.locator("[data-push-state]:not([hidden])")
    assert visible.count() == 1
    assert visible.get_attribute("data-push-state") in {"off", "denied"}


def shown_for(phone: Phone, server: Server, name: str) -> int:
    """A new lead's push on the phone's screen; the id of its alert."""
    lead_id = new_lead(server, name)
    number: int = until(bool, lambda: alert_about(phone.page, lead_id))
    for _time in range(3):  # Chromium may lose one that it is asked about while it is being shown
        phone.receive({**alert(lead_id), "notification": number})
        if until(bool, phone.looked_at, seconds=5):
            break
    assert len(phone.on_screen()) == 1
    return number


def alert_about(page: Page, lead_id: str) -> int:
    """The id of the alert that a lead caused; 0 while there is none."""
    number: int = page.evaluate(
        """async (id) => {
          const inbox = await (await fetch("/api/v1/inbox/")).json();
          return inbox.items.find((item) => item.subject === `lead:${id}`)?.id ?? 0;
        }""",
        lead_id,
    )
    return number


def read_elsewhere(page: Page, server: Server, number: int) -> None:
    sign_in(page, server.url, SELLER)
    page.evaluate(
        """async (id) => {
          const { postJson } = await import("/static/js/http.js");
          await postJson("/api/v1/inbox/read/", { ids: [id] });
        }""",
        number,
    )


def test_a_push_goes_by_itself_when_its_alert_is_read_on_another_device(
    phone: Phone, new_page: NewPage, server: Server
):
    number = shown_for(phone, server, "Ludivine")

    read_elsewhere(new_page(), server, number)

    assert until(lambda shown: not shown, phone.looked_at) == []
    phone.page.wait_for_timeout(1000)  # while one is being shown, the list may be empty for a moment
    assert phone.looked_at() == []


def test_the_next_push_takes_away_what_was_read_elsewhere_while_no_page_was_open(
    phone: Phone, new_page: NewPage, server: Server
):
    number = shown_for(phone, server, "Mathurin")
    phone.page.goto(f"{server.url}/offline/")  # a page without a bell: only the worker can act
    read_elsewhere(new_page(), server, number)
    assert len(phone.on_screen()) == 1
    phone.page.evaluate(LISTEN)

    phone.receive({**alert("2"), "title": "Autre alerte"})

    assert [one["title"] for one in until(only_the_other, phone.looked_at)] == ["Autre alerte"]


def only_the_other(shown: list[dict[str, Any]]) -> bool:
    return [one["title"] for one in shown] == ["Autre alerte"]
