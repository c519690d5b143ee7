"""The outbox: an event is exactly as true as the change that caused it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from leads.models import LeadSource
from leads.signals import lead_received
from notifications import recording
from notifications.models import Event
from sites.models import Site
from tests.notifications.road import received, tell


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
    nowhere = "INSERT INTO nowhere VALUES (%s,%s,%s,%s,%s,%s,%s,%s)"
    monkeypatch.setattr(recording, "_RECORD", {connection.vendor: nowhere})

    with pytest.raises(DatabaseError), transaction.atomic():
        LeadSource.objects.filter(pk=website.pk).update(name="Changed")
        lead_received.send(received(website.site))

    website.refresh_from_db()
    assert website.name != "Changed"


def test_same_fact_stated_twice_is_one_event(lyon: Site, in_rhone: None):
    fact = received(lyon)

    tell(fact)
    tell(fact)

    assert Event.objects.count() == 1
