"""What the database and the providers say afterwards: lost, still open, twice."""

from __future__ import annotations

import time
from collections import Counter

from notifications.choices import FINAL
from tests.chaos.installation import Installation
from tests.chaos.table import Finding

CALM_WITHIN = 60.0  # seconds
_FINAL = ", ".join(f"'{state.value}'" for state in sorted(FINAL))

# Each names what it counts, so that a breach is a list of ids and not a number.
_ACCEPTED = "SELECT email FROM leads_lead WHERE email LIKE '{prefix}%'"
_DOUBLED = f"{_ACCEPTED} GROUP BY email HAVING count(*) > 1"
# What still waits to be told is not lost: `settle` judges that.
_UNTOLD = """
    SELECT l.email FROM leads_lead l WHERE l.email LIKE '{prefix}%' AND NOT EXISTS (
        SELECT 1 FROM notifications_event e
        LEFT JOIN notifications_notification n ON n.event_id = e.id AND n.in_inbox
        WHERE e.group_id = l.group_id AND e.type_key = 'leads.received' AND e.kind = 'notice'
          AND e.subject = 'lead:' || l.id AND (n.id IS NOT NULL OR e.routed_at IS NULL))"""
_OPEN = f"""
    SELECT 'event', id FROM notifications_event WHERE routed_at IS NULL
    UNION ALL SELECT state, id FROM notifications_delivery WHERE state NOT IN ({_FINAL})"""
_TWICE_IN_APP = """
    SELECT n.user_id, e.subject FROM notifications_notification n JOIN notifications_event e ON e.id = n.event_id
    WHERE n.in_inbox AND e.type_key = 'leads.received' GROUP BY 1, 2 HAVING count(*) > 1"""
_TRIED_AGAIN = "SELECT provider_id FROM notifications_delivery WHERE channel = 'email' AND attempts > 1"


def settle(running: Installation, finding: Finding, *, but: int = 0) -> None:
    """Wait until all but `but` is final; the seconds since calm are a promise."""
    began = time.monotonic()
    while len(left := running.rows(_OPEN)) > but and time.monotonic() - began < 3 * CALM_WITHIN:
        time.sleep(0.5)
    finding.calm = time.monotonic() - began
    finding.must(f"not final {CALM_WITHIN:.0f} s after calm: {left[:5]}", hold=finding.calm <= CALM_WITHIN)


def reckon(running: Installation, finding: Finding, accepted: set[str], prefix: str) -> None:
    """Fill in what was lost and what came twice."""
    kept = {email for (email,) in running.rows(_ACCEPTED.format(prefix=prefix))}
    untold = {email for (email,) in running.rows(_UNTOLD.format(prefix=prefix))}
    lost = (accepted - kept) | untold
    finding.accepted, finding.lost = len(accepted), len(lost)
    finding.must(f"lost: {sorted(lost)[:5]}", hold=not lost)
    doubled = running.rows(_DOUBLED.format(prefix=prefix))
    in_app, texts = running.rows(_TWICE_IN_APP), _texts_twice(running, prefix)
    mails, flagged = _mails_twice(running)
    finding.repeated = len(mails & flagged)
    finding.twice = len(doubled) + len(in_app) + len(texts) + len(mails - flagged)
    finding.must(f"one lead twice: {doubled[:5]}", hold=not doubled)
    finding.must(f"twice in an inbox: {in_app[:5]}", hold=not in_app)
    finding.must(f"texted twice: {sorted(texts)[:5]}", hold=not texts)
    finding.must(f"mailed twice without a flag: {sorted(mails - flagged)[:5]}", hold=mails <= flagged)


def _texts_twice(running: Installation, prefix: str) -> set[str]:
    """A text is the one channel on which repeating does harm: none may come twice, whatever happened."""
    bodies = Counter(str(message["body"]) for message in running.twilio.messages)
    return {body for body, count in bodies.items() if count > 1 and f" {prefix} " in body}


def _mails_twice(running: Installation) -> tuple[set[str], set[str]]:
    """Message-IDs that came twice, and those whose rows say that they were tried again."""
    names = Counter(str(mail["Message-ID"]).strip() for mail in running.smtp.mails)
    flagged = {name for (name,) in running.rows(_TRIED_AGAIN)}
    return {name for name, count in names.items() if count > 1}, flagged
