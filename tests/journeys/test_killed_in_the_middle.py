"""The SMS worker is killed while it calls Twilio: Twilio is asked before anybody is texted again.

Real processes, one lead, one crash, three people. When the worker dies, Twilio has taken the message for the first
and not yet that for the second. The third's is sent again by a careless hand, which shows what asking is for.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from notifications.claiming import LEASE
from tests.fakes.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio
from tests.journeys.producing import Production, production

TAKEN, NOT_TAKEN, CARELESS = "+33611111111", "+33622222222", "+33633333333"
EVERYBODY = (TAKEN, NOT_TAKEN, CARELESS)
SERVICES = ("web", "worker-route", "worker-default", "worker-sms", "beat")
PATIENCE = 30.0  # seconds
HELD = 30.0  # seconds that Twilio keeps the worker waiting: it is killed long before


Transaction = tuple[Any, ...]
"""(process id of its connection, when it began)"""


@dataclass(frozen=True)
class Text:
    """What the database says of the message to one person."""

    state: str
    provider_id: str
    attempts: int


@dataclass
class Crash:
    """The journey, and what was seen on the way."""

    shop: Production
    twilio: FakeTwilio
    when_killed: dict[str, Text] = field(default_factory=dict)
    held_transactions: set[Transaction] = field(default_factory=set)
    asked_while_leased: dict[str, list[str]] = field(default_factory=dict)

    def texts(self) -> dict[str, Text]:
        """The messages by phone number."""
        found = self.shop.rows(
            "SELECT phone, d.state, d.provider_id, d.attempts FROM notifications_delivery d "
            "JOIN notifications_notification n ON n.id = d.notification_id "
            "JOIN sites_user u ON u.id = n.user_id WHERE d.channel = 'sms'"
        )
        return {number: Text(*columns) for number, *columns in found}

    def kill_in_the_middle(self) -> None:
        self.twilio.answers_after, self.twilio.hears_nothing_of = HELD, {NOT_TAKEN}
        assert self.shop.post_lead(1) == 201
        self.wait_for(lambda: all(self.twilio.asked_about(number) for number in EVERYBODY))
        before = self.open_transactions()
        time.sleep(1)
        self.held_transactions = before & self.open_transactions()

        self.shop.kill("worker-sms")

        self.when_killed = self.texts()
        self.twilio.answers_after, self.twilio.hears_nothing_of = 0.0, set()

    def send_again_without_asking(self) -> None:
        """What a recovery would do that takes « interrupted » for « not sent »; the new worker obeys."""
        self.change("state = 'planned', lease_until = NULL", CARELESS)
        self.shop.start("worker-sms")
        self.wait_for(lambda: self.texts()[CARELESS].state == "accepted")
        self.asked_while_leased = {number: self.twilio.asked_about(number) for number in (TAKEN, NOT_TAKEN)}

    def let_the_lease_run_out(self) -> None:
        """Move the end of the leases, which is what two minutes would do."""
        for number in (TAKEN, NOT_TAKEN):
            self.change(f"lease_until = lease_until - interval '{LEASE.total_seconds()} seconds'", number)
        self.wait_for(lambda: {text.state for text in self.texts().values()} == {"accepted"})

    def open_transactions(self) -> set[Transaction]:
        return set(
            self.shop.rows(
                "SELECT pid, xact_start FROM pg_stat_activity WHERE datname = current_database() "
                "AND state LIKE 'idle in transaction%'"
            )
        )

    def change(self, assignments: str, number: str) -> None:
        """Change the row of this person's interrupted message."""
        self.shop.rows(
            f"UPDATE notifications_delivery d SET {assignments} FROM notifications_notification n, sites_user u "
            f"WHERE n.id = d.notification_id AND u.id = n.user_id AND d.channel = 'sms' AND d.state = 'sending' "
            f"AND u.phone = '{number}' RETURNING d.id"
        )

    def wait_for(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"{self.texts()}\n{self.shop.logs()}"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def crash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crash]:
    """The crash and its end; tests only look at what came of it."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        pytest.skip("no PostgreSQL: run `make test`")
    folder = tmp_path_factory.mktemp("killed")
    with (
        FakeTwilio().running() as twilio,
        production(
            folder,
            server,
            only=SERVICES,
            TWILIO_API_URL=twilio.url,
            TWILIO_ACCOUNT_SID=ACCOUNT,
            TWILIO_AUTH_TOKEN=TOKEN,
            TWILIO_FROM=SENDER,
        ) as shop,
    ):
        shop.run(sys.executable, "-m", "tests.journeys.texting", *EVERYBODY)
        journey = Crash(shop, twilio)
        journey.kill_in_the_middle()
        journey.send_again_without_asking()
        journey.let_the_lease_run_out()
        yield journey


def test_the_worker_died_in_the_middle_of_three_calls(crash: Crash):
    assert crash.when_killed == dict.fromkeys(EVERYBODY, Text("sending", "", attempts=1))


def test_no_transaction_was_open_during_the_calls(crash: Crash):
    assert crash.held_transactions == set()


def test_a_new_worker_leaves_alone_what_the_dead_one_still_holds(crash: Crash):
    assert crash.asked_while_leased == {TAKEN: ["POST"], NOT_TAKEN: ["POST"]}


def test_a_message_that_twilio_had_taken_is_found_and_not_sent_again(crash: Crash):
    (message,) = crash.twilio.taken_for(TAKEN)

    assert crash.twilio.asked_about(TAKEN) == ["POST", "GET"]
    assert crash.texts()[TAKEN] == Text("accepted", message["sid"], attempts=1)


def test_a_message_that_twilio_never_took_is_looked_for_and_then_sent_once(crash: Crash):
    (message,) = crash.twilio.taken_for(NOT_TAKEN)

    assert crash.twilio.asked_about(NOT_TAKEN) == ["POST", "GET", "POST"]
    assert crash.texts()[NOT_TAKEN] == Text("accepted", message["sid"], attempts=2)


def test_without_asking_the_same_crash_would_text_twice(crash: Crash):
    assert crash.twilio.asked_about(CARELESS) == ["POST", "POST"]
    assert len(crash.twilio.taken_for(CARELESS)) == 2


def test_the_crash_left_no_traceback(crash: Crash):
    assert "Traceback" not in crash.shop.logs()
