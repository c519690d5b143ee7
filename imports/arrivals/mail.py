"""Feeds that are sent by email: each has an address of its own, and the file is the mail's attachment.

No mail is ever lost: one that cannot be read or that nobody expects is put aside, one that comes at a bad moment
is to come again.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesFeedParser
from io import BytesIO
from pathlib import Path, PurePath

from django.conf import settings

from gateways.events import key_of
from imports.files import Refused
from imports.models import Feed, Run, Way
from imports.services.runs import RunIsOpen, begin
from sites.scope import every_group, group_scope

logger = logging.getLogger(__name__)

# The local part of a feed's address: `feed-<token>@…`.
_TOKEN = re.compile(r"\bfeed-([0-9a-f]{24})@", re.IGNORECASE)
_RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_PICTURES = ("image/", "application/pgp", "text/html", "message/")
# What a list of rows is called, before anything else that is attached (a winmail.dat, a signature).
_TABLES = frozenset((".csv", ".txt", ".tsv", ".xlsx", ".xml", ".json", ".zip", ".gz"))
_PIECE = 64 * 1024  # bytes


@dataclass(frozen=True)
class Taken:
    """What became of a mail: its run, or why it was put aside, or that it is to come again later."""

    run: Run | None
    put_aside: str = ""
    comes_again: bool = False


@dataclass(frozen=True)
class _Letter:
    """What counts of a mail. `key` is the same whenever the mail is brought again; empty if nothing tells."""

    tokens: Sequence[str]
    file_name: str = ""
    data: bytes = b""
    key: str = ""


def address_of(feed: Feed, domain: str) -> str:
    """Where files of this feed are sent to."""
    return f"feed-{feed.mail_token}@{domain}"


def take_mail(raw: bytes, *, at: datetime, recipients: Iterable[str] = ()) -> Taken:
    """Start the run of the feed that the mail was sent to, with its attachment; or put the mail aside.

    `recipients` are those of the envelope. Where they name a feed, the headers are not asked. A mail that is brought
    twice makes one run; one that comes while a run of its feed is open leaves no trace and is to come again.
    """
    envelope = tuple(recipients)
    try:
        letter = _read(raw, envelope)
    except Exception:  # the standard library raises whatever it likes on odd mails
        logger.exception("A mail could not be read")
        return _aside(raw, envelope, "unreadable")
    feed = _feed_of(letter.tokens)
    if feed is None:
        return _aside(raw, envelope, "nobody_expects_it")
    if not letter.data:
        return _aside(raw, envelope, "no_attachment")
    with group_scope(feed.group_id):
        try:
            return Taken(_run_of(feed, letter, at))
        except RunIsOpen:
            return Taken(None, comes_again=True)
        except Refused as refused:
            return _aside(raw, envelope, refused.code)


def _run_of(feed: Feed, letter: _Letter, at: datetime) -> Run:
    """The run that this very mail has made already, or a new one."""
    if letter.key and (before := Run.objects.filter(feed=feed, mail_key=letter.key).first()):
        return before
    file = BytesIO(letter.data)
    return begin(feed=feed, file=file, file_name=letter.file_name, by=None, at=at, mail_key=letter.key)


def _read(raw: bytes, envelope: Sequence[str]) -> _Letter:
    message = _parsed(raw)
    headers = (str(value) for name in _RECIPIENTS for value in message.get_all(name, ()))
    tokens = _tokens(envelope) or _tokens(headers)
    found = _attachment(message)
    if found is None:
        return _Letter(tokens)
    name, data = found
    told = [str(message.get(header, "")) for header in ("Message-ID", "Date")]
    key = key_of(*told, hashlib.sha256(data).hexdigest()) if any(told) else ""
    return _Letter(tokens, name, data, key)


def _parsed(raw: bytes) -> EmailMessage:
    """Fed piece by piece: in one go the library holds a mail of 20 MB several times over."""
    parser = BytesFeedParser(EmailMessage, policy=policy.default)
    for start in range(0, len(raw), _PIECE):
        parser.feed(raw[start : start + _PIECE])
    return parser.close()


def _tokens(addresses: Iterable[str]) -> list[str]:
    return [token.lower() for token in _TOKEN.findall(" ".join(addresses))]


def _feed_of(tokens: Sequence[str]) -> Feed | None:
    for token in tokens:
        with every_group():
            feed = Feed.objects.filter(mail_token=token, way=Way.MAIL, is_active=True).first()
        if feed is not None:
            return feed
    return None


def _attachment(message: EmailMessage) -> tuple[str, bytes] | None:
    """Of the parts with a file name that are no picture, the largest list of rows, or the largest: name and bytes."""
    parts: list[tuple[str, bytes]] = []
    for part in message.walk():
        name = part.get_filename()
        if not name or part.is_multipart() or part.get_content_type().startswith(_PICTURES):
            continue
        data = part.get_payload(decode=True)
        if isinstance(data, bytes) and data:
            parts.append((str(name), data))
    return max(parts, key=_likeliness, default=None)


def _likeliness(part: tuple[str, bytes]) -> tuple[bool, int]:
    name, data = part
    return PurePath(name.strip()).suffix.lower() in _TABLES, len(data)


def _aside(raw: bytes, envelope: Sequence[str], reason: str) -> Taken:
    """Keep the mail where the operator finds it, with the envelope, so that it can be brought again as it is."""
    folder = Path(settings.DATA_DIR) / "imports" / "mail-put-aside"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{reason}-{hashlib.sha256(raw).hexdigest()[:32]}.eml"
    told = "".join(f"Delivered-To: {' '.join(address.split())}\r\n" for address in envelope)
    path.write_bytes(told.encode(errors="replace") + raw)
    path.chmod(0o600)
    logger.warning("A mail for a feed was put aside: %s", reason)
    return Taken(None, reason)
