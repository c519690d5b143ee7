"""The outbox: an event is exactly as true as the change that caused it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from leads.models import LeadSource
from leads.signals import LeadReceived, lead_received
from notifications import recording
from notifications.models import Event
from sites.models import Site
from tests.leads.listening import heard
from tests.notifications.road import received, tell

FIELDS = ("group_id", "type_key", "kind", "dedupe_key", "subject", "payload", "occurred_at")


def state(fact: LeadReceived, *, if_this_gives_a_row: str) -> None:
    """Run the smallest statement that carries the fact's events."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH fact AS ({if_this_gives_a_row}), event AS ({recording.carry('fact')}) SELECT 1",
            {"events": recording.carried(lead_received, fact)},
        )


def test_event_carries_the_fact_in_its_own_group(lyon: Site, in_rhone: None):
    fact = received(lyon, customer_name="Élodie Œuvrard")

    event = tell(fact)

    assert event.group_id == lyon.group_id
    assert event.type_key == "leads.received"
    assert event.subject == f"lead:{fact.lead_id}"
    assert event.payload["customer_name"] == "Élodie Œuvrard"


def test_event_vanishes_with_the_transaction_that_caused_it(lyon: Site, in_rhone: None):
    with pytest.raises(RuntimeError), transaction.atomic():
        lead_received.send(received(lyon))
        raise RuntimeError("the domain change failed")

    assert not Event.objects.exists()


def test_domain_change_fails_when_its_event_cannot_be_written(
    website: LeadSource, in_rhone: None, monkeypatch: pytest.MonkeyPatch
):
    nowhere = "INSERT INTO nowhere VALUES (%(type_key)s)"
    monkeypatch.setattr(recording, "_RECORDS", {connection.vendor: nowhere})

    with pytest.raises(DatabaseError), transaction.atomic():
        LeadSource.objects.filter(pk=website.pk).update(name="Changed")
        lead_received.send(received(website.site))

    website.refresh_from_db()
    assert website.name != "Changed"


@pytest.mark.postgres
class TestCarried:
    """A fact's own statement records its events."""

    def test_carried_events_are_those_that_the_signal_would_record(self, lyon: Site, in_rhone: None):
        fact = received(lyon, customer_name="Élodie Œuvrard")
        sent = tell(fact)
        event = {field: getattr(sent, field) for field in FIELDS}
        sent.delete()

        state(fact, if_this_gives_a_row="SELECT 1")

        kept = Event.objects.get()
        assert {field: getattr(kept, field) for field in FIELDS} == event

    def test_nothing_is_recorded_of_a_fact_that_did_not_happen(self, lyon: Site, in_rhone: None):
        state(received(lyon), if_this_gives_a_row="SELECT 1 WHERE false")

        assert not Event.objects.exists()

    def test_another_receiver_needs_a_transaction(self, lyon: Site):
        with heard(lead_received):
            assert recording.carried(lead_received, received(lyon)) is None
        assert recording.carried(lead_received, received(lyon)) is not None


def test_same_fact_stated_twice_is_one_event(lyon: Site, in_rhone: None):
    fact = received(lyon)

    tell(fact)
    tell(fact)

    assert Event.objects.count() == 1
