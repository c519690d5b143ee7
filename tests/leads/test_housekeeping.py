"""Keys that decide nothing any more are dropped, the others stay."""

from datetime import timedelta

from leads.models import IdempotencyRecord, LeadFingerprint, LeadSource
from leads.services import LeadEnquiry, forget_old_keys, receive_lead
from leads.services.fingerprints import WINDOW
from leads.services.idempotency import KEPT
from leads.tasks import forget_old_keys_task
from sites.scope import every_group, group_scope
from tests.cast import MONDAY


def receive(source: LeadSource, number: int) -> None:
    enquiry = LeadEnquiry(email=f"{number}@example.com")
    with group_scope(source.group_id):
        receive_lead(source=source, enquiry=enquiry, at=MONDAY, idempotency_key=str(number))


def remaining() -> tuple[int, int]:
    with every_group():
        return LeadFingerprint.objects.count(), IdempotencyRecord.objects.count()


def test_keys_live_as_long_as_they_decide_something(in_rhone: None, website: LeadSource):
    receive(website, 1)

    forget_old_keys(at=MONDAY + WINDOW)
    within = remaining()
    forget_old_keys(at=MONDAY + WINDOW + timedelta(seconds=1))
    after_the_window = remaining()
    forget_old_keys(at=MONDAY + KEPT + timedelta(seconds=1))

    assert (within, after_the_window, remaining()) == ((1, 1), (0, 1), (0, 0))


def test_the_daily_task_looks_after_every_group(website: LeadSource, rival_website: LeadSource):
    receive(website, 1)
    receive(rival_website, 2)

    forget_old_keys_task()

    assert remaining() == (0, 0)
