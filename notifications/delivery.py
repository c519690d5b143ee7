"""« Deliver » in docs/architecture.md: claim what is due, send it, record what became of it.

A delivery is claimed by a conditional UPDATE that is committed as `sending` with a lease before anything leaves
(`claiming`). A `batch` is first written, then leaves. What may not disturb its person yet is put back with a later time
(`door`). The provider is called with no transaction open. A crash in between leaves a lease that runs out: `recovery`
then finds out whether the message left, instead of sending it blindly again.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from datetime import datetime
from time import monotonic

from django.db import connection

from core.collector import uncollected
from core.meanwhile import meanwhile
from notifications import canaries
from notifications.batch import PARALLEL_CALLS, Batch
from notifications.channels.base import Adapter, ManyAtOnce, adapter_for
from notifications.choices import Channel
from notifications.circumstances import Circumstances, circumstances_of
from notifications.claiming import Claim, ask, claim

logger = logging.getLogger(__name__)

# One round of calls: what is checked last when a batch is claimed is still true when it leaves.
BATCH = PARALLEL_CALLS
# What is taken in one go is gone before anything changes. SQLite has one writer: others wait for it.
BATCH_AT_ONCE, BATCH_AT_ONCE_SQLITE = 1_000, 100
# Seconds of one turn, after which others have theirs: as long as a batch takes at a provider.
TURN = 0.5


def deliver_due(channel: Channel, *, at: datetime) -> int:
    """Send what is due on the channel in the scope's group, as much as one turn takes; how many were claimed."""
    usual = adapter_for(channel)
    if not isinstance(usual, ManyAtOnce):
        return _Turn(usual, seconds=0).take(claim(channel, at, BATCH))
    with uncollected():
        if connection.vendor != "postgresql":
            return _Turn(usual, seconds=0).take(claim(channel, at, BATCH_AT_ONCE_SQLITE))
        return _Turn(usual, seconds=TURN).take(claim(channel, at, BATCH_AT_ONCE))


class _Turn:
    """Batch after batch. While Python writes one, PostgreSQL keeps the one before and claims the one after.

    Nobody is asked about twice, and what a person was told counts in the next batch.
    """

    def __init__(self, usual: Adapter, seconds: float) -> None:
        self._usual, self._until = usual, monotonic() + seconds
        self._people: Circumstances | None = None

    def take(self, claimed: Claim) -> int:
        """Send this and what follows it; how many were claimed."""
        count, leaving = 0, None
        while claimed.deliveries or leaving:
            count += len(claimed.deliveries)
            try:
                batch = self._batch(claimed) if claimed.deliveries else None
            except Exception:
                if leaving:
                    leaving.leave_one_by_one()
                raise
            following = self._move(leaving, batch, claimed)
            leaving = self._settled(batch) if batch else None
            claimed = following
        return count

    def _batch(self, claimed: Claim) -> Batch:
        self._people = circumstances_of(claimed.deliveries, claimed.at, self._people)
        return Batch(claimed, canaries.sandbox_of(claimed.deliveries) or self._usual, self._people)

    def _move(self, leaving: Batch | None, batch: Batch | None, claimed: Claim) -> Claim:
        """One batch leaves, the next is written, and the one after that is claimed, all at once."""
        following, answer = claimed.next(), None
        looks_ahead = claimed.is_full and monotonic() < self._until
        try:
            with meanwhile() if leaving or looks_ahead else nullcontext():
                if leaving:
                    leaving.leave_at_once(is_last=batch is None)
                if looks_ahead:
                    answer = ask(following)
                if batch and not batch.asks_rows:
                    batch.write()
        except Exception:
            if leaving is None:
                raise
            logger.exception("A batch is sent letter by letter")
            leaving.leave_one_by_one()
            return claimed.next()
        return answer() if answer else following

    def _settled(self, batch: Batch) -> Batch | None:
        """The batch if it is to leave at once; any other has left letter by letter."""
        if not batch.is_written:
            batch.write()
        batch.record_asides()
        if batch.leaves_at_once:
            return batch
        batch.leave_one_by_one()
        return None
