"""« Deliver » in docs/architecture.md: claim what is due, send it, record what became of it.

A delivery is claimed by a conditional UPDATE that is committed as `sending` with a lease before anything leaves
(`claiming`). What may not disturb its person yet is put back with a later time (`door`). The provider is called with no
transaction open. A crash in between leaves a lease that runs out: `recovery` then finds out whether the message left,
instead of sending it blindly again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection

from core.clock import now
from core.collector import uncollected
from notifications import attention, canaries
from notifications.caps import Caps, caps_for
from notifications.channels.base import Adapter, DeliveryError, Letter, ManyAtOnce, Receipt, adapter_for
from notifications.choices import Channel
from notifications.circumstances import circumstances_of
from notifications.claiming import claim
from notifications.door import Door
from notifications.letters import Writer, why_not
from notifications.results import Outcome, cancel, note_devices, put_back, record_accepted, record_outcome
from notifications.sendable import Sendable

logger = logging.getLogger(__name__)

PARALLEL_CALLS = 8
# Two rounds of calls: what is checked last when a batch is claimed is still true when it leaves.
BATCH = 2 * PARALLEL_CALLS
# What is taken in one go is gone before anything changes. SQLite has one writer: others wait for it.
BATCH_AT_ONCE, BATCH_AT_ONCE_SQLITE = 1_000, 100
# Before the end of its lease by more than a call may take (`claiming.LEASE`).
LAST_DEPARTURE = timedelta(seconds=18)

Ready = tuple[Sendable, Letter]


def deliver_due(channel: Channel, *, at: datetime) -> int:
    """Send one batch of what is due on the channel in the scope's group; how many were claimed."""
    token, usual = uuid4(), adapter_for(channel)
    with uncollected():
        claimed = claim(channel, token, at, _most_at_once() if isinstance(usual, ManyAtOnce) else BATCH)
        batch = Batch(claimed, token, canaries.sandbox_of(claimed) or usual, at) if claimed else None
    if batch is None:
        return 0
    batch.send()
    return len(claimed)


def _most_at_once() -> int:
    return BATCH_AT_ONCE if connection.vendor == "postgresql" else BATCH_AT_ONCE_SQLITE


class Batch:
    """What was claimed under one token, and the adapter that takes it."""

    def __init__(self, claimed: Sequence[Sendable], token: UUID, adapter: Adapter, at: datetime) -> None:
        self._claimed, self._token, self._adapter = claimed, token, adapter
        self._people = circumstances_of(claimed, at)
        self._door = Door(at, self._people)
        self._leave_before = at + LAST_DEPARTURE

    def send(self) -> None:
        """Send what may leave now and record what became of it."""
        ready = self._ready()
        if isinstance(self._adapter, ManyAtOnce):
            with uncollected():
                letters = list(ready)
                if not letters or self._sent_at_once(self._adapter, letters):
                    return
            ready = iter(letters)
        self._send_each(ready)

    def _ready(self) -> Iterator[Ready]:
        """The letters that may leave now. One that cannot even be written is recorded and does not stop the rest."""
        writer, caps = Writer(self._people.devices), caps_for(self._claimed, at=self._door.at)
        for delivery in self._claimed:
            try:
                letter = self._letter(delivery, writer, caps)
            except Exception as error:
                logger.exception("Delivery %s could not be written", delivery.pk)
                self._record(delivery, DeliveryError(repr(error), permanent=False))
                continue
            if letter is not None:
                self._door.let_out(delivery)
                yield delivery, letter

    def _letter(self, delivery: Sendable, writer: Writer, caps: Caps | None) -> Letter | None:
        """The letter, or None where it must not leave any more or has to wait, which is then recorded."""
        people = self._people
        reason = why_not(delivery, people.allowed, people.devices, people.off)
        hold = None if reason else self._door.hold_of(delivery)
        if caps and not reason and not hold:
            reason = caps.why_not(delivery)
        if reason is None and hold is None:
            return writer.write(delivery)
        if reason is not None:
            cancel(delivery, self._token, reason, at=now())
        elif hold is not None:
            put_back(delivery, self._token, hold)
        return None

    def _sent_at_once(self, adapter: ManyAtOnce, ready: Sequence[Ready]) -> bool:
        """Hand over the whole batch; False, and nothing done, when one of its letters is not to be taken."""
        if now() > self._leave_before:
            return False
        try:
            receipt = adapter.deliver_many([letter for _delivery, letter in ready])
        except Exception:
            logger.exception("A batch of %s letters is sent one by one", len(ready))
            return False
        deliveries = [delivery for delivery, _letter in ready]
        record_accepted(deliveries, self._token, receipt, self._people.told, at=now())
        return True

    def _send_each(self, ready: Iterator[Ready]) -> None:
        accepted = []
        for delivery, outcome in self._outcomes(ready):
            self._record(delivery, outcome)
            if isinstance(outcome, Receipt):
                accepted.append(delivery)
        attention.keep(self._people.told, group_id=self._claimed[0].group_id)
        note_devices(accepted, self._door.at)

    def _outcomes(self, ready: Iterator[Ready]) -> Iterator[tuple[Sendable, Outcome]]:
        """As they come. A sandbox is quick and uses the database, so it runs here; providers run in threads.

        The threads are this batch's own: behind another batch's slow calls a lease would run out in the queue.
        """
        if self._adapter.uses_database:
            for delivery, letter in ready:
                yield delivery, self._attempt(letter)
            return
        with ThreadPoolExecutor(max_workers=PARALLEL_CALLS, thread_name_prefix="provider") as threads:
            calls = {threads.submit(self._attempt, letter): delivery for delivery, letter in ready}
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
