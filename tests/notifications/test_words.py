"""What people read: every type on every channel in every language, from its sample and from hostile names."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gateways.sms_text import Encoding, segments
from notifications import letters, registry, rendering
from notifications.channels.base import Letter, ManyAtOnce, Recipient, sandbox_for
from notifications.channels.email import content
from notifications.channels.email.content import content_of
from notifications.channels.push.payload import payload_of
from notifications.channels.sms.content import is_affordable, text_of
from notifications.choices import Channel
from notifications.declarations import Notice
from notifications.previews import TITLE_ON_PHONE
from notifications.rendering import Message

LINK = "https://dms.groupe-rhone-auto.example"

NOTICES = registry.every_notice()
READER = Recipient(
    user_id=1, group_id=1, name="Camille Durand", email="c@rhone.test", phone="", language="fr"
)
# A customer may be called anything; so may what he wants.
HOSTILE = {
    "endless": "Marie-Antoinette Josèphe-Jeanne de Habsbourg-Lorraine d’Autriche " * 8,
    "greek": "Παναγιώτης Παπαδημητρακόπουλος " * 4,
    "emoji": "Paul 🚗🚗🚗 Martin 👨‍👩‍👧 " * 6,
    "without a blank": "x" * 400,
}

Settings = Any


@pytest.fixture(autouse=True)
def _public_address(settings: Settings) -> None:
    settings.PUBLIC_URL = LINK


def faults_of(text: str) -> list[str]:
    """What must never be read, in words for the one who mends it."""
    signs = {
        "a placeholder": r"[{}]|%\(\w+\)|%s",
        "two blanks": r" {2}|\u00a0 | \u00a0",
        "a value that is none": r"\bNone\b|\bnull\b|\bLazy\b|<class",
        "an empty quotation": r"«\s*»|“\s*”|\"\"",
        "an empty bracket": r"\(\s*\)",
        "a lost separator": r"^ ?[·,:-] |[·,:] ?$|· ?·|, ?,|\. ·|\.{4}",
    }
    return [fault for fault, sign in signs.items() if re.search(sign, text)]


def words_on(channel: Channel, message: Message) -> Iterator[str]:
    """Every line that the person reads on the channel."""
    match channel:
        case Channel.SMS:
            yield text_of(message)
        case Channel.EMAIL:
            content = content_of(message, READER)
            yield content.subject
            yield from (line.removeprefix("  ") for line in content.text.splitlines())
        case Channel.PUSH:
            payload = payload_of(message)
            yield from (payload["title"], payload["body"], *(one["label"] for one in payload["actions"]))
        case _:
            yield from (message.title, message.body, *(one.label for one in message.actions))


def rendered(notice: type[Notice[Any]], language: str, name: str = "") -> Message:
    """The sample's message; with `name`, everybody and everything in it is called so."""
    fact: Any = notice.sample
    if name:
        called = {one: name for one in fact.__dataclass_fields__ if one in {"vehicle", "about", "message"}}
        called |= {one: name for one in fact.__dataclass_fields__ if one.endswith("customer_name")}
        fact = dataclasses.replace(fact, **called)
    return rendering.render(notice, fact, language)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.key)
def test_every_type_reads_well_on_every_channel(notice: type[Notice[Any]], channel: Channel, language: str):
    lines = [line for line in words_on(channel, rendered(notice, language)) if line.strip()]

    assert {line: faults_of(line) for line in lines if faults_of(line)} == {}
    assert lines


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.key)
def test_a_lock_screen_shows_the_whole_title(notice: type[Notice[Any]], language: str):
    assert len(rendered(notice, language).title) <= TITLE_ON_PHONE


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.key)
def test_every_text_message_is_one_segment_and_ends_in_its_whole_link(
    notice: type[Notice[Any]], language: str
):
    message = rendered(notice, language)

    count = segments(text_of(message))

    assert (count.encoding, count.segments) == (Encoding.GSM_7, 1)
    assert text_of(message).endswith(f" {message.url}")


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.key)
def test_no_name_makes_a_text_message_dear(notice: type[Notice[Any]], language: str, kind: str):
    message = rendered(notice, language, HOSTILE[kind])

    text = text_of(message)

    assert is_affordable(text)
    assert text.endswith(f" {message.url}")
    assert faults_of(text) == []


def test_without_its_care_an_endless_name_would_cost_more():
    """The rule can go red: what is not shortened costs five segments in Greek."""
    message = rendered(registry.get("leads.received"), "fr", HOSTILE["greek"])

    uncut = msgspec.structs.replace(message, words=lambda _width: message.short)

    assert not is_affordable(message.short)
    assert text_of(uncut).endswith(f"... {message.url}")
    assert segments(message.short).segments >= 4


def test_a_text_message_keeps_the_number_to_call_however_long_the_name():
    for kind, name in HOSTILE.items():
        text = text_of(rendered(registry.get("leads.received"), "fr", name))

        assert "+33639980001" in text, kind


def test_emoji_go_before_words_do():
    text = text_of(rendered(registry.get("leads.received"), "fr", "Paul 🚗 Martin"))

    assert "Paul Martin" in text
    assert segments(text).encoding == Encoding.GSM_7


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("key", "facts"),
    [
        ("leads.received", ["Camille Durand", "Peugeot 208 2023", "+33 6 39 98 00 01", "Site web Lyon"]),
        ("leads.unanswered", ["Camille Durand", "Peugeot 208 2023", "+33 6 39 98 00 01"]),
        ("leads.enquired_again", ["Camille Durand", "Peugeot 208 2023", "samedi matin"]),
        ("leads.quarantined", ["Win Big", "Site web Lyon"]),
        ("approvals.asked", ["800", "Camille Durand", "Paul Martin", "Peugeot 208 2023", "Lyon", "aujourd"]),
        ("approvals.reminded", ["800", "Camille Durand", "Paul Martin"]),
        ("approvals.delegated", ["800", "Claire Fontaine", "Paul Martin", "Tu connais"]),
        ("approvals.decided", ["800", "Claire Fontaine", "Paul Martin"]),
        ("notifications.address_off", ["Camille Durand", "camille@rhone.test"]),
        ("notifications.sms_cap", ["Lyon", "300"]),
    ],
)
def test_the_plain_part_of_an_email_carries_the_facts(key: str, facts: list[str], language: str):
    text = content_of(rendered(registry.get(key), language), READER).text.replace("\u00a0", " ")

    assert [fact for fact in facts if fact not in text] == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("New lead: {customer_name}", "a placeholder"),
        ("Peugeot  208", "two blanks"),
        ("Demande · None", "a value that is none"),
        ("Peugeot 208 · « »", "an empty quotation"),
        ("Il signe. · Lyon", "a lost separator"),
        ("Paul Martin ()", "an empty bracket"),
    ],
)
def test_each_fault_would_be_found(words: str, fault: str):
    assert faults_of(words) == [fault]


def test_no_notice_is_put_into_words_with_the_help_of_the_database(db: None):
    """Else it would ask while PostgreSQL is busy with a claim. What is completed is known to ask."""
    told = [notice for notice in registry.every_notice() if not letters.asks_rows(notice.key)]

    with CaptureQueriesContext(connection) as captured:
        for notice in told:
            letter = Letter(1, rendering.render(notice, notice.sample, "fr"), READER)
            for channel in (Channel.EMAIL, Channel.SMS, Channel.PUSH):
                adapter = sandbox_for(channel)
                assert isinstance(adapter, ManyAtOnce)
                adapter.packed([letter])

    asking = {notice.key for notice in registry.every_notice()} - {notice.key for notice in told}
    assert captured.captured_queries == []
    assert asking == {
        "approvals.asked",
        "approvals.delegated",
        "approvals.reminded",
        "notifications.digest",
    }


def test_an_email_filled_in_reads_as_its_templates_write_it():
    words = content._Words(
        title="<b>Offre</b> & “remise” \\1 {x}",
        body='Bonjour "Paul" <script>alert(1)</script>',
        url="https://dms.test/leads/7/?a=1&b=2",
        language="fr",
        sections=(),
        group_name="Rhône & Fils",
        public_url="https://dms.test",
    )

    assert content._content(words) == content._rendered(words)
