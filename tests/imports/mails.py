"""Shared by the tests of mailed files: what the door is told, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from gateways import mail_in
from imports.arrivals.mail import address_of
from imports.models import Feed, Run
from sites.scope import every_group
from tests.fakes import mail_in as posts
from tests.fakes.mail_events import SECRET, basic
from tests.imports.files import CLIO, csv_of

DOOR = "/imports/mail/"
DOMAIN = "files.example.com"
JSON = "application/json"


def open_the_door(settings: Any, folder: Path) -> None:
    """Mail comes in, by Postmark and by any mail server that knows the secret; what is kept lies in the folder."""
    settings.DATA_DIR = folder / "data"
    settings.INBOUND_MAIL_DOMAIN, settings.EMAIL_WEBHOOK_SECRET = DOMAIN, SECRET
    settings.EMAIL_PROVIDER, settings.ANYMAIL = "postmark", {"WEBHOOK_SECRET": SECRET}


def post(body: bytes, content_type: str = JSON, headers: dict[str, str] | None = None) -> Any:
    """As the provider does."""
    shown = basic() if headers is None else headers
    return Client().post(DOOR, body, content_type=content_type, headers=shown)


def bring(raw: bytes, headers: dict[str, str] | None = None) -> Any:
    """As a mail server does."""
    return post(raw, mail_in.RAW, headers)


def to(feed: Feed) -> str:
    """The feed's address."""
    return address_of(feed, DOMAIN)


def mail(feed: Feed, *rows: Any, **headers: str) -> bytes:
    """A mail to the feed with a file of these rows."""
    return posts.mail(to(feed), ("stock.csv", csv_of(*(rows or (CLIO,)))), **headers)


def runs() -> list[Run]:
    """Of all groups, the oldest first."""
    with every_group():
        return list(Run.objects.order_by("pk"))


def put_aside() -> list[Path]:
    """The mails that led nowhere."""
    return sorted((Path(settings.DATA_DIR) / "imports" / "mail-put-aside").glob("*.eml"))


def reasons() -> list[str]:
    """Why they did not."""
    return [path.name.rpartition("-")[0] for path in put_aside()]
