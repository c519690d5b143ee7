"""Forgetting what has served its time."""

from __future__ import annotations

from datetime import datetime

from leads.models import IdempotencyRecord, LeadFingerprint
from leads.services.idempotency import KEPT


def forget_old_keys(*, at: datetime) -> int:
    """Delete idempotency keys and fingerprints that no longer decide anything; returns how many."""
    keys, _by_model = IdempotencyRecord.objects.filter(created_at__lt=at - KEPT).delete()
    fingerprints, _by_model = LeadFingerprint.objects.filter(expires_at__lt=at).delete()
    return keys + fingerprints
