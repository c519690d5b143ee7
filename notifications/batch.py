"""One batch on its way: put into words, sent, and what became of it written down.

Words come first and ask the database nothing, so that it can be at other work meanwhile (`delivery`); where they do
ask, `asks_rows` says so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import timedelta

from core.clock import now
from notifications import attention, letters
from notifications.caps import caps_for
from notifications.channels.base import Adapter, DeliveryError, HandOver, Letter, ManyAtOnce, Receipt
from notifications.choices import Reason
from notifications.circumstances import Circumstances
from notifications.claiming import Claim
from notifications.door import Door, Hold
from notifications.letters import Writer, why_not
from notifications.results import Outcome, cancel, note_devices, put_back, record_accepted, record_outcome
from notifications.sendable import Sendable

logger = logging.getLogger(__name__)

PARALLEL_CALLS = 8
# Before the end of its lease by more than a call may take (`claiming.LEASE`).
LAST_DEPARTURE = timedelta(seconds=9)

Ready = tuple[Sendable, Letter]

Aside = Reason | Hold | DeliveryError
"""Why a message does not leave now: for good, until later, or because it could not be written"""


@contextmanager
def _one_delivery_s_trouble(delivery: Sendable) -> Iterator[None]:
    """What cannot be written down waits for the end of its lease; the others are not kept from it."""
    try:
        yield
    except Exception:
        logger.exception("What became of delivery %s could not be recorded", delivery.pk)


class Batch:
    """What was claimed under one token, and the adapter that takes it."""

    def __init__(self, claimed: Claim, adapter: Adapter, people: Circumstances) -> None:
        self._claimed, self._token, self._adapter = claimed.deliveries, claimed.token, adapter
        self._people = people
        is_small = not isinstance(adapter, ManyAtOnce)  # a person's devices are seldom in two large ones
        counted = attention.rang_elsewhere(claimed.deliveries, claimed.at) if is_small else set()
        self._door = Door(claimed.at, people, counted)
        self._caps = caps_for(claimed.deliveries, at=claimed.at)
        self._leave_before = claimed.at + LAST_DEPARTURE
        self._ready: list[Ready] = []
        self._aside: list[tuple[Sendable, Aside]] = []
        self._rang: attention.Rang = []
        self._hand_over: HandOver | None = None
        self.is_written = False

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
        self.is_written = True

    def record_asides(self) -> None:
        """Write down what must not leave, or has to wait."""
        for delivery, aside in self._aside:
            with _one_delivery_s_trouble(delivery):
                self._record_aside(delivery, aside)
        if self._caps is not None:
            self._caps.tell()

    @property
    def leaves_at_once(self) -> bool:
        """Whether it is packed, and its lease still allows for it."""
        return self._hand_over is not None and now() <= self._leave_before

    def leave_at_once(self, *, is_last: bool) -> None:
        """Hand over the whole batch and write down that it was taken; with the last, what rang for people in its turn.

        Two statements, of which nothing is awaited. If they fail, the batch can still leave one by one.
        """
        assert self._hand_over is not None
        receipt = self._hand_over()
        self._rang = self._people.told.taken() if is_last else []
        deliveries = [delivery for delivery, _letter in self._ready]
        record_accepted(deliveries, self._token, receipt, self._rang, at=now())

    def leave_one_by_one(self) -> None:
        """Send each letter and write down what became of it, and what rang."""
        self._people.told.take_back(self._rang)
        accepted = []
        for delivery, outcome in self._outcomes():
            with _one_delivery_s_trouble(delivery):
                self._record(delivery, outcome)
            if isinstance(outcome, Receipt):
                accepted.append(delivery)
        attention.keep(self._people.told.taken(), group_id=self._claimed[0].group_id)
        note_devices(accepted, self._door.at)

    def _why_not_now(self, delivery: Sendable) -> Reason | Hold | None:
        """Why it must not leave any more, or what it has to wait for."""
        people = self._people
        why = why_not(delivery, people.allowed, people.devices, people.off) or self._door.hold_of(delivery)
        return why or (self._caps.why_not(delivery) if self._caps else None)

    def _record_aside(self, delivery: Sendable, aside: Aside) -> None:
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
