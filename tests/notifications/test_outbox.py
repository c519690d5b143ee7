"""« Boîte d'envoi »: administrators read what each channel sent or would have sent; nobody else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from notifications import outbox
from notifications.choices import Channel
from notifications.models import OutboxEntry, OutboxWords
from sites.models import Group, User
from sites.scope import group_scope
from tests.cast import MONDAY, make_person, signed_in


def entry(group: Group, channel: Channel = Channel.SMS, **fields: Any) -> OutboxEntry:
    """What a sandbox kept."""
    words = {name: fields.pop(name) for name in ("subject", "text", "html") if name in fields}
    with group_scope(group.pk):
        return OutboxEntry.objects.create(
            **{
                "group": group,
                "channel": channel,
                "recipient": "Camille Durand · +33611111111",
                "words": OutboxWords.objects.create(
                    group=group, **{"text": "Nouveau lead Paul Martin", **words}
                ),
                "detail": {"outcome": "sandbox", "segments": 1, "encoding": "GSM-7", "characters": 24},
                "sent_at": MONDAY,
                **fields,
            }
        )


def test_administrator_reads_a_text_and_its_segments(rhone: Group, agnes: User):
    kept = entry(rhone)
    client = signed_in(agnes)

    listed = client.get("/outbox/").content.decode()
    shown = client.get(f"/outbox/{kept.pk}/").content.decode()

    for page in (listed, shown):
        assert "Nouveau lead Paul Martin" in page
        assert "+33611111111" in page
    assert "GSM-7" in shown


@pytest.mark.parametrize("as_kept", [json.dumps, dict], ids=["as it was encrypted", "as it was kept before"])
def test_push_shows_its_buttons_and_its_payload(rhone: Group, agnes: User, as_kept: Callable[..., Any]):
    payload = {
        "title": "Nouveau lead",
        "actions": [{"key": "claim", "label": "Prendre le lead", "post": "/x/"}],
    }
    detail = {"outcome": "sent", "payload": as_kept(payload), "bytes": 120}
    kept = entry(rhone, Channel.PUSH, subject="Nouveau lead", detail=detail)

    page = signed_in(agnes).get(f"/outbox/{kept.pk}/").content.decode()

    assert "Prendre le lead" in page
    assert "&quot;claim&quot;" in page


def test_email_is_framed_under_a_policy_of_its_own(rhone: Group, agnes: User):
    hostile = "<p>Bonjour</p><script>alert(1)</script>"
    kept = entry(rhone, Channel.EMAIL, subject="Lead", html=hostile, detail={"outcome": "sandbox"})
    client = signed_in(agnes)

    page = client.get(f"/outbox/{kept.pk}/")
    framed = client.get(f"/outbox/{kept.pk}/html/")

    policy = framed.headers["Content-Security-Policy"]
    assert f'src="/outbox/{kept.pk}/html/"' in page.content.decode()
    assert "<script>alert" not in page.content.decode()
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert framed.content.decode() == hostile
    assert policy.startswith("sandbox;")
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_text_has_no_html_to_frame(rhone: Group, agnes: User):
    assert signed_in(agnes).get(f"/outbox/{entry(rhone).pk}/html/").status_code == 404


def test_list_narrows_to_one_channel(rhone: Group, agnes: User):
    entry(rhone, Channel.SMS, text="a text")
    entry(rhone, Channel.EMAIL, text="a letter")
    client = signed_in(agnes)

    page = client.get("/outbox/?channel=email").content.decode()
    nonsense = client.get("/outbox/?channel=pigeon&before=²").content.decode()

    assert "a letter" in page
    assert "a text" not in page
    assert "a text" in nonsense


def test_pages_follow_each_other_without_a_gap(rhone: Group, in_rhone: None):
    for number in range(outbox.PAGE + 3):
        entry(rhone, text=str(number), sent_at=MONDAY + timedelta(minutes=number // 2))

    first = outbox.outbox_page()
    second = outbox.outbox_page(before_id=first.next_before)

    texts = [int(shown.words.text) for shown in first.entries + second.entries]
    assert texts == list(range(outbox.PAGE + 2, -1, -1))
    assert second.next_before is None


def test_list_costs_the_same_for_one_entry_and_for_three(rhone: Group, agnes: User):
    client = signed_in(agnes)
    counts = []
    for _number in range(3):
        entry(rhone)
        with CaptureQueriesContext(connection) as counted:
            client.get("/outbox/")
        counts.append(len(counted))

    assert counts[0] == counts[2]


@pytest.mark.parametrize("path", ["/outbox/", "/outbox/{pk}/", "/outbox/{pk}/html/"])
def test_only_administrators_read_it(path: str, rhone: Group, camille: User, claire: User):
    kept = entry(rhone, Channel.EMAIL, html="<p>Lead</p>")

    answers = [signed_in(person).get(path.format(pk=kept.pk)).status_code for person in (camille, claire)]

    assert answers == [403, 403]


def test_rivals_administrator_sees_nothing_of_it(rhone: Group, rival: Group):
    kept = entry(rhone, Channel.EMAIL, html="<p>Lead</p>")
    rival_admin = signed_in(make_person(rival, "Ruth Admin", "group_admin"))

    listed = rival_admin.get("/outbox/").content.decode()
    foreign = [rival_admin.get(f"/outbox/{kept.pk}/{part}") for part in ("", "html/")]
    missing = [rival_admin.get(f"/outbox/999999/{part}") for part in ("", "html/")]

    assert "Nouveau lead" not in listed
    assert [answer.status_code for answer in foreign + missing] == [404] * 4


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("sandbox", "Kept here: no provider is set"),
        ("sent", "Sent"),
        ("push_timeout", "The provider could not be reached; it is tried again"),
        ("sms_stopped_by_recipient", "The person answered STOP"),
        ("push_status_418", "Not sent: push_status_418"),
    ],
)
def test_outcome_is_a_sentence(code: str, sentence: str, rhone: Group):
    shown = outbox.Shown(entry(rhone, detail={"outcome": code}))

    with translation.override("en"):
        assert shown.outcome == sentence
    assert shown.failed == (code not in {"sandbox", "sent"})
