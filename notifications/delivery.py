"""« Deliver » in docs/architecture.md: claim what is due, send it, record what became of it.

A delivery is claimed by a conditional UPDATE that is committed as `sending` with a lease before anything leaves
(`claiming`). A batch is first written, then sent. What may not disturb its person yet is put back with a later time
(`door`). The provider is called with no transaction open. A crash in between leaves a lease that runs out: `recovery`
then finds out whether the message left, instead of sending it blindly again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection

from core.clock import now
from core.collector import uncollected
from notifications import attention, canaries, letters
from notifications.caps import caps_for
from notifications.channels.base import (
    Adapter,
    DeliveryError,
    HandOver,
    Letter,
    ManyAtOnce,
    Receipt,
    adapter_for,
)
from notifications.choices import Channel, Reason
from notifications.circumstances import Circumstances, circumstances_of
from notifications.claiming import Claim, ahead, claim
from notifications.door import Door, Hold
from notifications.letters import Writer, why_not
from notifications.results import Outcome, cancel, note_devices, put_back, record_accepted, record_outcome
from notifications.sendable import Sendable

logger = logging.getLogger(__name__)

PARALLEL_CALLS = 8
# Two rounds of calls: what is checked last when a batch is claimed is still true when it leaves.
BATCH = 2 * PARALLEL_CALLS
# What is taken in one go is gone before anything changes. SQLite has one writer: others wait for it.
BATCH_AT_ONCE, BATCH_AT_ONCE_SQLITE = 1_000, 100
# Seconds of one turn, after which others have theirs: as long as a batch takes at a provider.
TURN = 0.5
# Before the end of its lease by more than a call may take (`claiming.LEASE`).
LAST_DEPARTURE = timedelta(seconds=18)

Ready = tuple[Sendable, Letter]

Aside = Reason | Hold | DeliveryError
"""Why a message does not leave now: for good, until later, or because it could not be written"""


def deliver_due(channel: Channel, *, at: datetime) -> int:
    """Send what is due on the channel in the scope's group, as much as one turn takes; how many were claimed."""
    usual = adapter_for(channel)
    if not isinstance(usual, ManyAtOnce):
        return _take_turn(usual, claim(channel, at, BATCH), seconds=0)
    with uncollected():
        if connection.vendor != "postgresql":
            return _take_turn(usual, claim(channel, at, BATCH_AT_ONCE_SQLITE), seconds=0)
        return _take_turn(usual, claim(channel, at, BATCH_AT_ONCE), seconds=TURN)


def _take_turn(usual: Adapter, claimed: Claim, *, seconds: float) -> int:
    """Send batches for so long, each claimed while the one before is put into words. Nobody is asked about twice."""
    sent, people, until = 0, None, monotonic() + seconds
    while claimed.deliveries:
        sent += len(claimed.deliveries)
        people = circumstances_of(claimed.deliveries, claimed.at, people)
        batch = Batch(claimed, canaries.sandbox_of(claimed.deliveries) or usual, people)
        following = claimed.next()
        looks_ahead = monotonic() < until and claimed.is_full and not batch.asks_rows
        with ahead(following) if looks_ahead else nullcontext():
            batch.write()
        batch.send()
        claimed = following
    return sent


class Batch:
    """What was claimed under one token, and the adapter that takes it: written first, then sent."""

    def __init__(self, claimed: Claim, adapter: Adapter, people: Circumstances) -> None:
        self._claimed, self._token, self._adapter = claimed.deliveries, claimed.token, adapter
        self._people, self._door = people, Door(claimed.at, people)
        self._caps = caps_for(claimed.deliveries, at=claimed.at)
        self._leave_before = claimed.at + LAST_DEPARTURE
        self._ready: list[Ready] = []
        self._aside: list[tuple[Sendable, Aside]] = []
        self._hand_over: HandOver | None = None

    @property
    def asks_rows(self) -> bool:
        """Whether `write` asks the database."""
        return any(map(letters.asks_rows, {one.notification.event.type_key for one in self._claimed}))

    def write(self) -> None:
        """Put into words what may leave now, and pack it where it goes in one go; put the rest aside."""
        writer = Writer(self._people.devices)
        for delivery in self._claimed:
            aside: Aside | None
            try:
                aside = self._why_not_now(delivery)
                if aside is None:
                    self._ready.append((delivery, writer.write(delivery)))
                    self._door.let_out(delivery)
            except Exception as error:  # one that cannot even be written does not stop the rest
                logger.exception("Delivery %s could not be written", delivery.pk)
                aside = DeliveryError(repr(error), permanent=False)
            if aside is not None:
                self._aside.append((delivery, aside))
        if self._ready and isinstance(self._adapter, ManyAtOnce):
            self._hand_over = self._packed(self._adapter)

    def send(self) -> None:
        """Send what was written and record what became of it, and of what was put aside."""
        for delivery, aside in self._aside:
            self._put_aside(delivery, aside)
        if self._caps is not None:
            self._caps.tell()
        if self._ready and not self._sent_at_once():
            self._send_each()

    def _why_not_now(self, delivery: Sendable) -> Reason | Hold | None:
        """Why it must not leave any more, or what it has to wait for."""
        people = self._people
        why = why_not(delivery, people.allowed, people.devices, people.off) or self._door.hold_of(delivery)
        return why or (self._caps.why_not(delivery) if self._caps else None)

    def _put_aside(self, delivery: Sendable, aside: Aside) -> None:
        match aside:
            case Hold():
                put_back(delivery, self._token, aside)
            case DeliveryError():
                self._record(delivery, aside)
            case reason:
                cancel(delivery, self._token, reason, at=now())

    def _packed(self, adapter: ManyAtOnce) -> HandOver | None:
        try:
            return adapter.packed([letter for _delivery, letter in self._ready])
        except Exception:
            logger.exception("A batch of %s letters cannot be packed", len(self._ready))
            return None

    def _sent_at_once(self) -> bool:
        """Hand over the whole batch; False, and nothing done, when one of its letters is not to be taken."""
        if self._hand_over is None or now() > self._leave_before:
            return False
        try:
            receipt = self._hand_over()
        except Exception:
            logger.exception("A batch of %s letters is sent one by one", len(self._ready))
            return False
        deliveries = [delivery for delivery, _letter in self._ready]
        record_accepted(deliveries, self._token, receipt, self._people.told, at=now())
        return True

    def _send_each(self) -> None:
        accepted = []
        for delivery, outcome in self._outcomes():
            self._record(delivery, outcome)
            if isinstance(outcome, Receipt):
                accepted.append(delivery)
        attention.keep(self._people.told, group_id=self._claimed[0].group_id)
        note_devices(accepted, self._door.at)

    def _outcomes(self) -> Iterator[tuple[Sendable, Outcome]]:
        """As they come. A sandbox is quick and uses the database, so it runs here; providers run in threads.

        The threads are this batch's own: behind another batch's slow calls a lease would run out in the queue.
        """
        if self._adapter.uses_database:
            for delivery, letter in self._ready:
                yield delivery, self._attempt(letter)
            return
        with ThreadPoolExecutor(max_workers=PARALLEL_CALLS, thread_name_prefix="provider") as threads:
            calls = {threads.submit(self._attempt, letter): delivery for delivery, letter in self._ready}
            for call in as_completed(calls):
                yield calls[call], call.result()

    def _attempt(self, letter: Letter) -> Outcome:
        if now() > self._leave_before:
            return DeliveryError("too late to leave", permanent=False)
        try:
            return self._adapter.deliver(letter.message, letter.recipient, letter.delivery_id)
        except DeliveryError as error:
            return error
        except Exception as error:
            logger.exception("Delivery %s: the adapter failed", letter.delivery_id)
            # It may have failed after the provider took the message.
            return DeliveryError(repr(error), permanent=False, unknown=not self._adapter.repeat_is_safe)

    def _record(self, delivery: Sendable, outcome: Outcome) -> None:
        record_outcome(delivery, self._token, outcome, at=now())
