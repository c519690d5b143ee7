"""Who sits at the other end of a socket: the session cookie, checked as a page request would check it."""

from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from notifications.inbox import state_of
from notifications.live.hints import Standing
from sites.access import member_for
from sites.models import User
from sites.scope import group_scope

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in member behind a socket."""

    user_id: int
    group_id: int
    session_key: str


def visitor_of(session_key: str) -> Visitor | None:
    """The member whose session this is; None for anybody that a staff page would send to the sign-in page."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)  # checks the password hash of the session too
    member = member_for(user) if isinstance(user, User) else None
    if member is None:
        return None
    return Visitor(user_id=member.user.pk, group_id=member.group_id, session_key=session_key)


def is_still(visitor: Visitor) -> bool:
    """Whether the session is still the same member's: he did not sign out, nor was he shut out."""
    return visitor_of(visitor.session_key) == visitor


def inbox_of(visitor: Visitor) -> Standing:
    """Where the visitor's inbox stands now."""
    with group_scope(visitor.group_id):
        return state_of(visitor.user_id)


def session_key_in(headers: Headers) -> str:
    """The session cookie of a handshake; empty when there is none or the header is not to be read."""
    text = "; ".join(value.decode("latin-1") for name, value in headers if name == b"cookie")
    try:
        morsel = SimpleCookie(text).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
