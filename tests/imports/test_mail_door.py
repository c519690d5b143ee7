"""The door of mailed files: who gets in, whose feed it is, what comes again and what is put aside."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from gateways import mail_in
from imports.arrivals import mail as arrivals
from imports.models import Feed, RunState, Way
from imports.services import RunIsOpen, change_feed
from imports.services.runs import begin
from sites.models import Site, User
from sites.roles import Role
from sites.scope import group_scope
from stock.models import Vehicle
from tests.cast import MONDAY, add_role, member_of, signed_in
from tests.fakes import mail_in as posts
from tests.fakes.mail_events import SIGNING_KEY, basic
from tests.imports.files import CLIO, GOLF, ZOE, carried_out, counts, csv_of, make_feed
from tests.imports.mails import (
    DOMAIN,
    DOOR,
    JSON,
    bring,
    mail,
    open_the_door,
    post,
    put_aside,
    reasons,
    runs,
    to,
)

pytestmark = pytest.mark.filterwarnings("ignore:django-anymail has dropped")


@pytest.fixture(autouse=True)
def _mail_comes_in(settings: Any, tmp_path: Path) -> None:
    open_the_door(settings, tmp_path)


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon, way=Way.MAIL)


@pytest.fixture
def rivals_feed(rita: User, rival_site: Site) -> Feed:
    add_role(rita, Role.STOCK_MANAGER, rival_site)
    return make_feed(rita, rival_site, name="Rival", way=Way.MAIL)


# --- from the mail to the stock -----------------------------------------------------------------------------------


def test_a_mail_of_the_provider_becomes_vehicles(feed: Feed):
    answer = post(posts.postmark(to(feed), ("stock.csv", csv_of(CLIO, ZOE))))

    (run,) = runs()
    assert (answer.status_code, run.file_name, run.state) == (200, "stock.csv", RunState.WAITING)
    assert counts(carried_out(run)) == (2, 0, 0, 0)
    with group_scope(feed.group_id):
        assert set(Vehicle.objects.values_list("site", flat=True)) == set(
            feed.sites.values_list("pk", flat=True)
        )


def test_a_mail_of_mailgun_needs_no_password(feed: Feed, settings: Any):
    settings.EMAIL_PROVIDER, settings.ANYMAIL = "mailgun", {"MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}
    file = ("stock.csv", csv_of(CLIO))

    forged = post(*posts.mailgun(to(feed), file, key="another"), headers={})
    before = len(runs())
    signed = post(*posts.mailgun(to(feed), file), headers={})

    assert (forged.status_code, before, signed.status_code, len(runs())) == (403, 0, 200, 1)


def test_a_mail_of_sendgrid_becomes_vehicles(feed: Feed, settings: Any):
    settings.EMAIL_PROVIDER = "sendgrid"

    answer = post(*posts.sendgrid(to(feed), ("stock.csv", csv_of(CLIO))))

    assert (answer.status_code, counts(carried_out(runs()[0]))) == (200, (1, 0, 0, 0))


@pytest.mark.parametrize("provider", ["", "smtp", "postmark"])
def test_a_mail_server_brings_the_mail_itself(feed: Feed, provider: str, settings: Any):
    settings.EMAIL_PROVIDER = provider

    answer = bring(mail(feed))

    assert (answer.status_code, counts(carried_out(runs()[0]))) == (200, (1, 0, 0, 0))


def test_a_mail_of_twenty_megabytes_is_taken_whole(feed: Feed):
    data = csv_of(CLIO) + b"\r\n" * 7_500_000
    raw = posts.mail(to(feed), ("stock.csv", data))

    answer = bring(raw)

    (run,) = runs()
    assert len(raw) > 20_000_000
    assert (answer.status_code, run.digest) == (200, hashlib.sha256(data).hexdigest())


# --- who gets in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, basic("dms:wrong"), basic("dms:"), basic(":")])
@pytest.mark.parametrize("content_type", [JSON, mail_in.RAW])
def test_without_the_password_nothing_is_taken_or_kept(
    feed: Feed, headers: dict[str, str], content_type: str
):
    body = mail(feed) if content_type == mail_in.RAW else posts.postmark(to(feed), ("a.csv", csv_of(CLIO)))

    assert post(body, content_type, headers).status_code == 403
    assert (runs(), put_aside()) == ([], [])


@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailInsecureWebhookWarning")
def test_where_no_secret_is_set_the_door_is_shut(feed: Feed, settings: Any):
    settings.EMAIL_WEBHOOK_SECRET, settings.ANYMAIL = "", {}

    answers = [bring(mail(feed), headers=basic(":")), post(posts.postmark(to(feed)), headers=basic(":"))]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_a_session_does_not_open_the_door(feed: Feed, sophie: User):
    answer = signed_in(sophie).post(DOOR, mail(feed), content_type=mail_in.RAW)

    assert (answer.status_code, runs()) == (403, [])


def test_no_token_of_a_form_is_asked_for_and_no_session_begins(feed: Feed):
    answer = Client(enforce_csrf_checks=True).post(
        DOOR, mail(feed), content_type=mail_in.RAW, headers=basic()
    )

    assert (answer.status_code, answer.cookies) == (200, {})


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_mails_are_posted_and_nothing_else(method: str, db: None):
    assert getattr(Client(), method)(DOOR, headers=basic()).status_code == 405


def test_an_unreadable_call_is_a_bad_request(db: None):
    assert [post(b"{").status_code, bring(b"").status_code] == [400, 400]


def test_a_call_that_is_too_large_is_refused_and_leaves_nothing(feed: Feed, monkeypatch: pytest.MonkeyPatch):
    raw = mail(feed)
    monkeypatch.setattr(mail_in, "MAX_BODY", len(raw) - 1)

    assert (bring(raw).status_code, runs(), put_aside()) == (413, [], [])
    monkeypatch.setattr(mail_in, "MAX_BODY", len(raw))
    assert bring(raw).status_code == 200


# --- whose feed it is ---------------------------------------------------------------------------------------------


def test_a_mail_lands_in_the_group_of_its_feed(feed: Feed, rivals_feed: Feed):
    bring(mail(rivals_feed))

    assert [(run.group_id, run.feed_id) for run in runs()] == [(rivals_feed.group_id, rivals_feed.pk)]


def test_the_envelope_decides_and_not_what_the_sender_wrote(feed: Feed, rivals_feed: Feed):
    """Postmark tells « OriginalRecipient »; the header names somebody else's feed."""
    body = posts.postmark(
        to(rivals_feed), ("stock.csv", csv_of(CLIO)), OriginalRecipient=to(feed), Cc=to(rivals_feed)
    )

    post(body)

    assert [run.feed_id for run in runs()] == [feed.pk]


def test_without_an_envelope_the_header_would_decide(feed: Feed, rivals_feed: Feed):
    """The control of the test above."""
    post(posts.postmark(to(rivals_feed), ("stock.csv", csv_of(CLIO)), OriginalRecipient=""))

    assert [run.feed_id for run in runs()] == [rivals_feed.pk]


def test_an_envelope_with_a_feed_that_is_switched_off_leads_to_no_other(
    feed: Feed, rivals_feed: Feed, in_rhone: None, sophie: User
):
    change_feed(feed_id=feed.pk, by=member_of(sophie), at=MONDAY, is_active=False)

    post(posts.postmark(to(rivals_feed), ("stock.csv", csv_of(CLIO)), OriginalRecipient=to(feed)))

    assert (runs(), reasons()) == ([], ["nobody_expects_it"])


def test_an_envelope_that_names_no_feed_leaves_it_to_the_headers(feed: Feed):
    """A mailbox of the dealer's that forwards."""
    post(posts.postmark(to(feed), ("stock.csv", csv_of(CLIO)), OriginalRecipient=f"stock@{DOMAIN}"))

    assert [run.feed_id for run in runs()] == [feed.pk]


def test_whose_browser_brings_it_does_not_matter(rivals_feed: Feed, sophie: User):
    signed_in(sophie).post(DOOR, mail(rivals_feed), content_type=mail_in.RAW, headers=basic())

    assert [run.group_id for run in runs()] == [rivals_feed.group_id]


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To"])
def test_what_a_mail_server_writes_on_top_comes_before_what_the_sender_wrote(
    feed: Feed, rivals_feed: Feed, header: str
):
    bring(f"{header}: {to(feed)}\r\n".encode() + mail(rivals_feed))

    assert [run.feed_id for run in runs()] == [feed.pk]


# --- what comes again ---------------------------------------------------------------------------------------------


def test_a_mail_that_is_brought_again_makes_no_second_run(feed: Feed):
    body = posts.postmark(to(feed), ("stock.csv", csv_of(CLIO)))

    answers = [post(body), post(body)]
    carried_out(runs()[0])
    answers.append(post(body))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert (len(runs()), reasons()) == (1, [])


def test_of_two_processes_that_take_the_same_mail_at_once_one_makes_the_run(feed: Feed, in_rhone: None):
    """Both have looked before either wrote: the database decides, and the other is to come again."""
    told: dict[str, Any] = {"feed": feed, "file_name": "stock.csv", "by": None, "at": MONDAY, "mail_key": "1"}
    carried_out(begin(file=BytesIO(csv_of(CLIO)), **told))

    with pytest.raises(RunIsOpen):
        begin(file=BytesIO(csv_of(CLIO)), **told)
    begin(file=BytesIO(csv_of(CLIO)), **{**told, "mail_key": "2"})
    assert len(runs()) == 2


def test_a_late_repeat_does_not_set_the_stock_back(feed: Feed):
    old = mail(feed, CLIO, GOLF, message_id="<1@dealer.example>")
    bring(old)
    carried_out(runs()[0])
    bring(mail(feed, CLIO, ZOE, message_id="<2@dealer.example>"))
    carried_out(runs()[1])

    assert (bring(old).status_code, len(runs())) == (200, 2)


def test_the_same_file_in_another_mail_is_another_run(feed: Feed):
    """The control of the two tests above: a dealer who sends his file again wants it read again."""
    for number in (1, 2):
        bring(mail(feed, message_id=f"<{number}@dealer.example>"))
        carried_out(runs()[-1])

    assert len(runs()) == 2


def test_a_sender_whose_mails_are_all_called_the_same_is_heard_each_time(feed: Feed):
    for row in (CLIO, ZOE):
        bring(mail(feed, row))
        carried_out(runs()[-1])

    assert len(runs()) == 2


def test_a_mail_without_name_and_date_is_never_taken_for_a_repeat(feed: Feed):
    for _ in range(2):
        bring(mail(feed, message_id="", Date=""))
        carried_out(runs()[-1])

    assert len(runs()) == 2


def test_one_mail_to_two_feeds_is_a_run_in_each(feed: Feed, rivals_feed: Feed):
    for one in (feed, rivals_feed):
        post(posts.postmark(to(feed), ("stock.csv", csv_of(CLIO)), OriginalRecipient=to(one)))

    assert [run.feed_id for run in runs()] == [feed.pk, rivals_feed.pk]


def test_while_a_run_is_open_the_provider_is_asked_to_come_again(feed: Feed):
    bring(mail(feed, CLIO, message_id="<1@dealer.example>"))
    second = mail(feed, CLIO, ZOE, message_id="<2@dealer.example>")

    early = bring(second)
    kept = (len(runs()), reasons())
    carried_out(runs()[0])
    late = bring(second)

    assert (early.status_code, int(early["Retry-After"]) > 0, kept) == (503, True, (1, []))
    assert (late.status_code, len(runs())) == (200, 2)


def test_of_several_mails_only_the_early_one_is_taken_when_all_come_again(
    feed: Feed, rivals_feed: Feed, settings: Any
):
    settings.EMAIL_PROVIDER = "sparkpost"
    bring(mail(feed, ZOE, message_id="<0@dealer.example>"))
    both = posts.sparkpost((to(feed), mail(feed)), (to(rivals_feed), mail(rivals_feed)))

    first = post(both)
    carried_out(runs()[0])
    again = post(both)

    assert (first.status_code, again.status_code) == (503, 200)
    assert [run.feed_id for run in runs()] == [feed.pk, rivals_feed.pk, feed.pk]


# --- what is put aside --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (lambda feed: posts.mail(f"feed-{'0' * 24}@{DOMAIN}", ("a.csv", csv_of(CLIO))), "nobody_expects_it"),
        (lambda feed: posts.mail(to(feed)), "no_attachment"),
        (lambda feed: b"\xff\xfe\0 no mail at all", "nobody_expects_it"),
    ],
)
def test_a_mail_that_leads_nowhere_is_answered_and_kept_as_it_came(feed: Feed, raw: Any, reason: str):
    body = raw(feed)

    answers = [bring(body), bring(body)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert reasons() == [reason]
    assert put_aside()[0].read_bytes() == body
    assert put_aside()[0].stat().st_mode & 0o077 == 0


def test_a_mail_that_was_put_aside_can_be_brought_again_as_it_lies_there(
    feed: Feed, in_rhone: None, sophie: User
):
    """Its envelope is kept with it: the header may name nobody."""
    change_feed(feed_id=feed.pk, by=member_of(sophie), at=MONDAY, is_active=False)
    post(posts.postmark("undisclosed@dealer.example", ("a.csv", csv_of(CLIO)), OriginalRecipient=to(feed)))
    change_feed(feed_id=feed.pk, by=member_of(sophie), at=MONDAY, is_active=True)

    bring(put_aside()[0].read_bytes())

    assert [run.feed_id for run in runs()] == [feed.pk]


def test_a_mail_that_the_library_cannot_read_is_kept(feed: Feed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(arrivals, "_attachment", lambda _message: 1 / 0)

    assert (bring(mail(feed)).status_code, reasons()) == (200, ["unreadable"])
