"""Feeds that are sent by email: each has an address of its own, and the file is the mail's attachment.

No mail is ever lost: one that cannot be read, that nobody expects or that comes at a bad moment is put aside.
"""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

from django.conf import settings

from imports.files import Refused
from imports.models import Feed, Run, Way
from imports.services.runs import RunIsOpen, begin
from sites.scope import every_group, group_scope

logger = logging.getLogger(__name__)

# The local part of a feed's address: `feed-<token>@…`.
_TOKEN = re.compile(r"\bfeed-([0-9a-f]{24})@", re.IGNORECASE)
_RECIPIENTS = ("Delivered-To", "X-Original-To", "To", "Cc")
_PICTURES = ("image/", "application/pgp", "text/html", "message/")


@dataclass(frozen=True)
class Taken:
    """What became of a mail: its run, or why it was put aside."""

    run: Run | None
    put_aside: str = ""


def address_of(feed: Feed, domain: str) -> str:
    """Where files of this feed are sent to."""
    return f"feed-{feed.mail_token}@{domain}"


def take_mail(raw: bytes, *, at: datetime) -> Taken:
    """Start the run of the feed that the mail was sent to, with its attachment; or put the mail aside."""
    try:
        message = message_from_bytes(raw, policy=policy.default)
        feed = _feed_of(message)
        if feed is None:
            return _aside(raw, "nobody_expects_it")
        found = _attachment(message)
    except Exception:  # the standard library raises whatever it likes on odd mails
        logger.exception("A mail could not be read")
        return _aside(raw, "unreadable")
    if found is None:
        return _aside(raw, "no_attachment")
    name, data = found
    with group_scope(feed.group_id):
        try:
            return Taken(begin(feed=feed, file=BytesIO(data), file_name=name, by=None, at=at))
        except RunIsOpen:
            return _aside(raw, "run_is_open")
        except Refused as refused:
            return _aside(raw, refused.code)


def _feed_of(message: EmailMessage) -> Feed | None:
    headers = " ".join(str(value) for name in _RECIPIENTS for value in message.get_all(name, ()))
    for token in _TOKEN.findall(headers):
        with every_group():
            feed = Feed.objects.filter(mail_token=token.lower(), way=Way.MAIL, is_active=True).first()
        if feed is not None:
            return feed
    return None


def _attachment(message: EmailMessage) -> tuple[str, bytes] | None:
    """The largest part with a file name that is no picture; its name and bytes."""
    parts: list[tuple[str, bytes]] = []
    for part in message.walk():
        name = part.get_filename()
        if not name or part.is_multipart() or part.get_content_type().startswith(_PICTURES):
            continue
        data = part.get_payload(decode=True)
        if isinstance(data, bytes) and data:
            parts.append((str(name), data))
    return max(parts, key=lambda part: len(part[1]), default=None)


def _aside(raw: bytes, reason: str) -> Taken:
    """Keep the mail where the operator finds it."""
    folder = Path(settings.DATA_DIR) / "imports" / "mail-put-aside"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{reason}-{hashlib.sha256(raw).hexdigest()[:32]}.eml"
    path.write_bytes(raw)
    path.chmod(0o600)
    logger.warning("A mail for a feed was put aside: %s", reason)
    return Taken(None, reason)
