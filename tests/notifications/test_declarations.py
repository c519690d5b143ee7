"""A notification type is one declaration, checked when it is made and rendered from its own sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from gateways.sms_text import segments
from leads.notices import LEADS, LeadReceivedNotice
from leads.signals import LeadReceived, lead_received
from notifications import registry, rendering
from notifications.audiences import roles
from notifications.channels.sms.content import text_of
from notifications.choices import IN_APP
from notifications.declarations import Notice

COMPLETE: dict[str, Any] = {
    "key": "tests.declared",
    "name": "Declared by a test",
    "category": LEADS,
    "signal": lead_received,
    "audience": roles("salesperson"),
    "needs": "leads.view_lead",
    "subject": "lead:{lead_id}",
    "title": "{customer_name}",
    "body": "{vehicle}",
    "url": "/leads/{lead_id}/",
    "channels": {"salesperson": IN_APP},
    "sample": LeadReceivedNotice.sample,
}


@pytest.fixture(autouse=True)
def forget_afterwards() -> Iterator[None]:
    yield
    registry.forget("tests.declared")


def declare(**changes: Any) -> type[Notice[LeadReceived]]:
    attributes = {name: value for name, value in {**COMPLETE, **changes}.items() if value is not None}
    return type("DeclaredNotice", (Notice,), attributes)


def test_complete_declaration_is_all_it_takes():
    declared = declare()

    assert registry.get("tests.declared") is declared


@pytest.mark.parametrize("missing", ["audience", "needs", "title", "url", "sample", "channels"])
def test_incomplete_declaration_stops_the_start(missing: str):
    with pytest.raises(ImproperlyConfigured, match=missing):
        declare(**{missing: None})


def test_doubled_key_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match=r"leads\.received"):
        declare(key="leads.received")


def test_permission_that_nobody_holds_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match="which no role holds"):
        declare(needs="leads.view_laed")


def test_sample_of_another_fact_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match="sample"):
        declare(sample="not a fact")


def test_notice_of_a_removed_app_is_named_as_unknown():
    with pytest.raises(registry.UnknownNotice):
        registry.get("gone.away")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("notice", registry.all_notices(), ids=lambda notice: notice.key)
def test_every_notice_renders_from_its_sample(notice: type[Notice[Any]], language: str):
    message = rendering.render(notice, notice.sample, language)

    assert message.title
    assert message.url.startswith("http")
    assert "{" not in message.title + message.body + message.short + message.url
    assert all(action.label for action in message.actions)


@pytest.mark.parametrize("notice", registry.all_notices(), ids=lambda notice: notice.key)
def test_every_notice_survives_its_own_record(notice: type[Notice[Any]]):
    import msgspec

    recorded = msgspec.json.decode(msgspec.json.encode(notice.sample))

    assert notice.fact_from(recorded) == notice.sample


def render_for(**fields: Any) -> rendering.Message:
    import dataclasses

    return rendering.render(
        LeadReceivedNotice, dataclasses.replace(LeadReceivedNotice.sample, **fields), "en"
    )


def test_customer_words_are_never_read_as_a_template():
    assert render_for(customer_name="{lead_id} {0} %(x)s").title == "New lead: {lead_id} {0} %(x)s"


def test_customer_words_cannot_forge_a_second_line_or_turn_the_text_around():
    assert render_for(customer_name="A\r\nBcc: x\u202eB\x00C").title == "New lead: A Bcc: x B C"


def test_part_without_a_value_leaves_no_stray_separator():
    assert render_for(vehicle="", phone="", message="").body == "Site web Lyon"


def test_without_a_vehicle_the_customers_first_words_say_what_it_is_about():
    asked = render_for(vehicle="", phone="", message="Je veux essayer la 208\ndemain matin. " * 9)

    assert asked.body.startswith("“Je veux essayer la 208 demain matin. Je veux")
    assert asked.body.endswith("…” · Site web Lyon")
    assert len(asked.body) < 110


def test_customer_cannot_make_a_text_message_expensive():
    assert segments(text_of(render_for(customer_name="😀" * 200, vehicle="x" * 500))).segments == 1


def test_endless_name_is_cut_for_the_lock_screen():
    assert len(render_for(customer_name="x" * 5000).title) == rendering.MAX_TITLE
