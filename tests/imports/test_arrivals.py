"""Files that nobody carries: fetched from web addresses and SFTP servers, sent by email."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from imports import tasks
from imports.arrivals.fetching import due_feeds, fetch, put_off
from imports.arrivals.mail import address_of, take_mail
from imports.arrivals.sealing import SecretLost, sealed, unsealed
from imports.files import limits
from imports.models import Feed, Run, RunState, Way
from imports.services import BadFeed, change_feed
from imports.signals import import_stopped
from stock.models import Vehicle
from tests.cast import MONDAY, member_of
from tests.fakes.server import FakeServer, Reply
from tests.fakes.sftp import ACCOUNT, SECRET, SftpServer, older
from tests.imports.files import CLIO, GOLF, ZOE, carried_out, counts, csv_of, facts_of, imported, make_feed

LATER = MONDAY + timedelta(hours=1)


@pytest.fixture(autouse=True)
def this_machine(settings):
    settings.SAFE_HTTP_ALLOWS_LOOPBACK = True


@pytest.fixture
def server():
    with FakeServer().running() as running:
        yield running


@pytest.fixture
def by_https(sophie, lyon, server):
    return make_feed(sophie, lyon, way=Way.HTTPS, address=f"{server.url}/stock.csv", every_minutes=60)


@pytest.fixture
def told():
    return facts_of(import_stopped)


def trouble_of(feed: Feed) -> str:
    """Why the file was not fetched."""
    run = fetch(feed, at=MONDAY)
    assert run is not None
    return str(run.trouble["code"])


# --- web addresses -----------------------------------------------------------------------------------


def test_a_feed_is_fetched_with_its_password_and_becomes_vehicles(by_https, server, in_rhone, sophie):
    change_feed(feed_id=by_https.pk, by=member_of(sophie), at=MONDAY, account="dealer", secret="geheim")
    by_https.refresh_from_db()
    server.tell(Reply(200, csv_of(CLIO, ZOE)))

    run = carried_out(fetch(by_https, at=MONDAY))

    assert counts(run) == (2, 0, 0, 0)
    assert run.file_name == "stock.csv"
    assert server.received[0].headers["authorization"] == "Basic ZGVhbGVyOmdlaGVpbQ=="
    assert "geheim" not in by_https.secret


def test_a_file_that_was_taken_already_makes_no_run(by_https, server, in_rhone):
    server.tell(Reply(200, csv_of(CLIO)), Reply(200, csv_of(CLIO)), Reply(200, csv_of(CLIO, ZOE)))
    carried_out(fetch(by_https, at=MONDAY))

    assert fetch(by_https, at=LATER) is None
    assert fetch(by_https, at=LATER) is not None


def test_a_file_that_waits_for_somebody_is_not_brought_again_and_a_newer_one_is(by_https, server, in_rhone):
    whole, cut = csv_of(CLIO, ZOE), csv_of(CLIO)
    server.tell(Reply(200, whole), Reply(200, cut), Reply(200, cut), Reply(200, csv_of(CLIO, ZOE, GOLF)))
    carried_out(fetch(by_https, at=MONDAY))
    stopped = carried_out(fetch(by_https, at=LATER), at=LATER)

    assert stopped.state == RunState.STOPPED
    assert fetch(by_https, at=LATER) is None
    newer = carried_out(fetch(by_https, at=LATER), at=LATER)
    assert (newer.state, counts(newer)) == (RunState.DONE, (1, 0, 2, 0))


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(404), "no_such_file"),
        (Reply(401), "sign_in_refused"),
        (Reply(302, headers={"Location": "http://127.0.0.1/"}), "not_given"),
        (Reply(500), "not_given"),
        (Reply(200, b""), "file_empty"),
        (Reply(hang_up=True), "unreachable"),
    ],
)
def test_what_went_wrong_on_the_way_is_a_run_that_people_see_and_is_told_once(
    by_https, server, in_rhone, told, reply, code
):
    server.tell(reply, reply)

    first, second = fetch(by_https, at=MONDAY), fetch(by_https, at=LATER)

    assert first is not None
    assert first == second
    assert (first.state, first.trouble["code"]) == (RunState.FAILED, code)
    assert [fact.code for fact in told] == [code]


def test_a_file_larger_than_the_cap_is_not_fetched_to_its_end(by_https, server, in_rhone, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 100)
    server.tell(Reply(200, b"x" * 101))

    assert trouble_of(by_https) == "fetched_too_big"


@pytest.mark.parametrize(
    "address", ["http://feed.example/", "https://user:pw@feed.example/", "file:///etc/passwd"]
)
def test_an_address_that_is_not_called_is_refused_when_it_is_entered(in_rhone, sophie, lyon, address):
    with pytest.raises(BadFeed) as bad:
        make_feed(sophie, lyon, way=Way.HTTPS, address=address)

    assert bad.value.problems == {"address": "address_refused"}


# --- schedules ---------------------------------------------------------------------------------------


def test_a_feed_is_due_again_after_its_minutes_and_once(by_https, in_rhone):
    assert [feed.pk for feed in due_feeds(MONDAY)] == [by_https.pk]
    same = Feed.objects.get(pk=by_https.pk)

    assert put_off(by_https, at=MONDAY)
    assert not put_off(same, at=MONDAY)
    assert list(due_feeds(MONDAY + timedelta(minutes=59))) == []
    assert due_feeds(MONDAY + timedelta(minutes=60)).count() == 1


def test_the_sweep_hints_at_feeds_that_are_due_and_runs_that_wait(
    by_https, in_rhone, monkeypatch, sophie, lyon
):
    hints: list[tuple[str, object]] = []
    monkeypatch.setattr(
        tasks.run, "apply_async", lambda kwargs, queue: hints.append((queue, kwargs["run_id"]))
    )
    monkeypatch.setattr(
        tasks.fetch, "apply_async", lambda kwargs, queue: hints.append((queue, kwargs["feed_id"]))
    )
    monkeypatch.setattr(tasks, "now", lambda: LATER)
    other = make_feed(sophie, lyon, name="Autre")
    waiting = Run.objects.create(group_id=other.group_id, feed=other, file_name="x", created_at=MONDAY)

    tasks.sweep()

    assert hints == [("imports", by_https.pk), ("imports", str(waiting.pk))]


# --- SFTP --------------------------------------------------------------------------------------------


@pytest.fixture
def sftp(tmp_path):
    with SftpServer(tmp_path).running() as running:
        yield running


def by_sftp(sophie, lyon, sftp: SftpServer, path: str, **settings) -> Feed:
    defaults = {"account": ACCOUNT, "secret": SECRET, "host_key": sftp.host_key}
    return make_feed(sophie, lyon, way=Way.SFTP, address=f"{sftp.url}{path}", **{**defaults, **settings})


def test_the_newest_file_of_a_folder_is_fetched(in_rhone, sophie, lyon, sftp, tmp_path: Path):
    (tmp_path / "old.csv").write_bytes(csv_of(ZOE))
    older(tmp_path / "old.csv")
    (tmp_path / "new.csv").write_bytes(csv_of(CLIO))

    run = carried_out(fetch(by_sftp(sophie, lyon, sftp, "/"), at=MONDAY))

    assert run.file_name == "new.csv"
    assert list(Vehicle.objects.values_list("stock_number", flat=True)) == ["L-1"]


@pytest.mark.parametrize(
    ("path", "changes", "code"),
    [
        ("/none.csv", {}, "no_such_file"),
        ("/stock.csv", {"secret": "wrong"}, "sign_in_refused"),
        ("/stock.csv", {"host_key": "ecdsa-sha2-nistp256 AAAA"}, "wrong_host_key"),
        ("/stock.csv", {"host_key": "SHA256:AAAA"}, "wrong_host_key"),
    ],
)
def test_another_server_another_password_or_no_file_is_said(
    in_rhone, sophie, lyon, sftp, tmp_path, path, changes, code
):
    (tmp_path / "stock.csv").write_bytes(csv_of(CLIO))

    assert trouble_of(by_sftp(sophie, lyon, sftp, path, **changes)) == code


def test_a_server_inside_is_not_dialled(in_rhone, sophie, lyon, sftp, settings):
    feed = by_sftp(sophie, lyon, sftp, "/stock.csv")
    settings.SAFE_HTTP_ALLOWS_LOOPBACK = False

    assert trouble_of(feed) == "address_refused"


# --- mail --------------------------------------------------------------------------------------------


def mail_to(feed: Feed, *files: tuple[str, bytes], address: str = "") -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "export@dms.example", address or address_of(feed, "in.example.com")
    message["Subject"] = "Stock du jour"
    message.set_content("Bonjour, voici le stock.")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


@pytest.fixture
def by_mail(sophie, lyon):
    return make_feed(sophie, lyon, way=Way.MAIL)


def put_aside() -> list[str]:
    folder = Path(django_settings.DATA_DIR) / "imports" / "mail-put-aside"
    return sorted(path.name.rpartition("-")[0] for path in folder.glob("*.eml")) if folder.exists() else []


@pytest.fixture(autouse=True)
def no_mail_yet(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"


def test_a_mailed_file_is_imported(by_mail, in_rhone):
    taken = take_mail(mail_to(by_mail, ("logo.png", b"\x89PNG"), ("stock.csv", csv_of(CLIO, ZOE))), at=MONDAY)
    carried_out(taken.run)

    assert counts(taken.run) == (2, 0, 0, 0)
    assert put_aside() == []


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (lambda feed: mail_to(feed, ("a.csv", csv_of(CLIO)), address=f"feed-{'0' * 24}@x.fr"), "nobody_expects_it"),
        (mail_to, "no_attachment"),
        (lambda feed: mail_to(feed, address="stock@in.example.com"), "nobody_expects_it"),
        (lambda feed: b"\xff\xfe\0 not a mail", "nobody_expects_it"),
        (lambda feed: b"", "nobody_expects_it"),
    ],
)  # fmt: skip
def test_a_mail_that_leads_nowhere_is_put_aside_and_never_lost(by_mail, in_rhone, raw, reason):
    taken = take_mail(raw(by_mail), at=MONDAY)

    assert (taken.run, taken.put_aside) == (None, reason)
    assert put_aside() == [reason]


def test_a_mail_that_comes_while_a_run_is_open_leaves_no_trace_and_is_to_come_again(by_mail, in_rhone):
    first = take_mail(mail_to(by_mail, ("stock.csv", csv_of(CLIO))), at=MONDAY)
    early = take_mail(mail_to(by_mail, ("stock.csv", csv_of(ZOE))), at=MONDAY)
    carried_out(first.run)
    again = take_mail(mail_to(by_mail, ("stock.csv", csv_of(ZOE))), at=LATER)

    assert (early.run, early.put_aside, early.comes_again) == (None, "", True)
    assert (again.run is not None, again.comes_again) == (True, False)
    assert put_aside() == []


# --- secrets -----------------------------------------------------------------------------------------


def test_a_sealed_secret_opens_with_the_key_or_the_one_before(settings):
    kept = sealed("geheim")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, as long as Django wants its keys to be for production"

    assert unsealed(kept) == "geheim"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SecretLost):
        unsealed(kept)


def test_the_stored_file_is_private(by_mail, in_rhone, settings):
    imported(by_mail, csv_of(CLIO))

    (path,) = (settings.DATA_DIR / "imports" / str(by_mail.group_id)).iterdir()
    assert path.stat().st_mode & 0o077 == 0
