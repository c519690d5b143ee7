"""Mails as dealers' systems and mail programs make them."""

from __future__ import annotations

import zipfile
from email.encoders import encode_base64
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from imports.models import Feed, RunState, Way
from sites.models import Site, User
from tests.imports.files import CLIO, carried_out, counts, csv_of, make_feed
from tests.imports.mails import bring, open_the_door, runs, to


@pytest.fixture(autouse=True)
def _mail_comes_in(settings: Any, tmp_path: Path) -> None:
    open_the_door(settings, tmp_path)


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon, way=Way.MAIL)


def taken_name(raw: bytes) -> str:
    assert bring(raw).status_code == 200
    (run,) = runs()
    assert counts(carried_out(run)) == (1, 0, 0, 0)
    return run.file_name


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('filename="=?utf-8?B?VsOpaGljdWxlcy5jc3Y=?="', "Véhicules.csv"),
        ('filename="=?iso-8859-1?Q?V=E9hicules.csv?="', "Véhicules.csv"),
        ("filename*=UTF-8''V%C3%A9hicules.csv", "Véhicules.csv"),
        ("filename*0*=UTF-8''V%C3%A9hi; filename*1=cules.csv", "Véhicules.csv"),
        ('filename="..\\\\..\\\\stock.csv"', "stock.csv"),
        ('filename="../../etc/stock.csv"', "stock.csv"),
        ("filename=stock du jour.csv", None),
    ],
)
def test_file_names_are_read_however_they_are_written(feed: Feed, disposition: str, name: str | None):
    raw = (
        f"To: {to(feed)}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; {disposition}\r\n\r\n"
    ).encode() + csv_of(CLIO)

    found = taken_name(raw + b"\r\n--b--\r\n")

    assert name is None or found == name


def part(data: bytes, name: str, kind: str = "application/octet-stream") -> MIMEBase:
    made = MIMEBase(*kind.split("/"))
    made.set_payload(data)
    encode_base64(made)
    made.add_header("Content-Disposition", "attachment", filename=name)
    return made


def nested(feed: Feed, *parts: MIMEBase) -> bytes:
    """As Outlook builds it: words twice, a picture of the signature, and the file, one in the other."""
    words = MIMEMultipart("alternative")
    words.attach(MIMEText("Bonjour", "plain", "utf-8"))
    words.attach(MIMEText("<p>Bonjour</p>", "html", "utf-8"))
    related = MIMEMultipart("related")
    related.attach(words)
    related.attach(part(b"\x89PNG" + b"x" * 90_000, "logo.png", "image/png"))
    whole = MIMEMultipart("mixed")
    whole["To"], whole["Message-ID"] = to(feed), "<1@dealer.example>"
    whole.attach(related)
    for one in parts:
        whole.attach(one)
    return whole.as_bytes()


def test_a_file_is_found_however_deep_it_lies(feed: Feed):
    assert taken_name(nested(feed, part(csv_of(CLIO), "stock.csv", "text/csv"))) == "stock.csv"


def test_a_file_of_a_forwarded_mail_is_found(feed: Feed):
    forwarding = EmailMessage()
    forwarding["To"] = to(feed)
    forwarding.set_content("TR: stock du jour")
    inner = EmailMessage()
    inner["To"] = "stock@dealer.example"
    inner.add_attachment(csv_of(CLIO), maintype="text", subtype="csv", filename="stock.csv")
    forwarding.add_attachment(inner)

    assert taken_name(forwarding.as_bytes()) == "stock.csv"


def test_a_list_comes_before_a_winmail_dat_that_is_larger(feed: Feed):
    outlook = part(b"\x78\x9f\x3e\x22" + b"x" * 50_000, "winmail.dat", "application/ms-tnef")

    assert taken_name(nested(feed, outlook, part(csv_of(CLIO), "stock.csv"))) == "stock.csv"


def zipped(data: bytes) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("stock.csv", data)
    return packed.getvalue()


def test_what_is_no_list_is_a_run_that_says_so(feed: Feed):
    """People see the run and why, instead of waiting for a file."""
    assert bring(nested(feed, part(b"\x78\x9f\x3e\x22" + b"\0x" * 5_000, "winmail.dat"))).status_code == 200

    run = carried_out(runs()[0])

    assert (run.state, run.trouble["code"]) == (RunState.FAILED, "not_a_table")


def test_a_packed_list_is_taken_before_anything_else(feed: Feed):
    larger = part(b"\x78\x9f\x3e\x22" + b"\0x" * 5_000, "winmail.dat")
    assert bring(nested(feed, larger, part(zipped(csv_of(CLIO)), "stock.zip"))).status_code == 200

    run = carried_out(runs()[0])

    assert (run.state, run.created, run.file_name) == (RunState.DONE, 1, "stock.zip")
