"""Decision links: what an email may carry so that its reader decides without signing in.

A link says which group, request, person and version it is for and until when, and it is signed. It opens a page and
can do no more. Each button of that page carries a permit of its own, signed for one answer: the deed needs the page,
and no page of a stranger can make one up, which is what a CSRF token is for. Single use follows from the version and
from the compare-and-set: what is decided is no longer open (docs/adr/0013-decision-links.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.core import signing

from approvals.models import Status

OPEN = "open"


class BadLink(Exception):
    """Not ours, not for this, or too late; nobody is told which."""


@dataclass(frozen=True, kw_only=True)
class Permit:
    """What a link says. Times are UTC, to the second."""

    group_id: int
    request_id: UUID
    user_id: int
    version: int
    expires_at: datetime

    def sealed(self, action: str = OPEN) -> str:
        """The permit signed for one action: opening the page, or one of the answers."""
        said = [
            self.group_id, self.request_id.hex, self.user_id, self.version, int(self.expires_at.timestamp()),
        ]  # fmt: skip
        return signing.dumps(said, salt=_salt(action))


def opened(token: str, *, action: str = OPEN) -> Permit:
    """The permit of a token that was sealed for this action. Raises `BadLink`. Its expiry is the caller's to judge."""
    try:
        group_id, request_id, user_id, version, expires_at = signing.loads(token, salt=_salt(action))
        return Permit(
            group_id=int(group_id),
            request_id=UUID(hex=request_id),
            user_id=int(user_id),
            version=int(version),
            expires_at=datetime.fromtimestamp(int(expires_at), UTC),
        )
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error


def answer_in(token: str) -> tuple[Status, Permit]:
    """Which answer a button's permit is for. Raises `BadLink`."""
    for status in (Status.APPROVED, Status.REFUSED):
        try:
            return status, opened(token, action=status.value)
        except BadLink:
            continue
    raise BadLink


def _salt(action: str) -> str:
    return f"approvals.link.{action}"
