"""A row inserted the short way is the row that the ORM would have written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError

from core.inserts import insert_row
from leads.models import Lead, LeadSource
from tests.cast import MONDAY


def lead_of(source: LeadSource) -> Lead:
    return Lead(
        group_id=source.group_id,
        site_id=source.site_id,
        source=source,
        first_name="Élodie",
        email="elodie@example.org",
        max_price=Decimal("12500.50"),
        campaign={"utm_source": "« radio »"},
        received_at=MONDAY,
    )


def test_row_reads_back_like_one_that_was_saved(website: LeadSource, in_rhone: None):
    short, saved = lead_of(website), lead_of(website)

    insert_row(short)
    saved.save(force_insert=True)

    fields = [field.attname for field in Lead._meta.concrete_fields if not field.primary_key]
    rows = Lead.objects.in_bulk([short.pk, saved.pk])
    assert [getattr(rows[short.pk], name) for name in fields] == [
        getattr(rows[saved.pk], name) for name in fields
    ]


def test_inserted_row_can_be_saved_again(website: LeadSource, in_rhone: None):
    lead = lead_of(website)
    insert_row(lead)

    lead.first_name = "Elsa"
    lead.save()

    assert Lead.objects.get(pk=lead.pk).first_name == "Elsa"


def test_database_still_refuses_what_it_must(website: LeadSource, in_rhone: None):
    lead = lead_of(website)
    insert_row(lead)

    with pytest.raises(IntegrityError):
        insert_row(lead)
