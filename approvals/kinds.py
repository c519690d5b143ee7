"""A kind of request is one declaration: subclass `ApprovalKind` in an app's `approvals.py` and nothing else.

The class is checked when it is created, so that an incomplete or doubled kind stops the start.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from sites.roles import PERMISSIONS, Role

if TYPE_CHECKING:
    from approvals.models import ApprovalRequest
    from sites.access import Member

DECIDE = "approvals.decide_request"

Text = str | Promise

_kinds: dict[str, type[ApprovalKind]] = {}


class UnknownKind(LookupError):
    """No installed app declares this kind any more; what was decided stays readable."""


@dataclass(frozen=True)
class Rung:
    """Who is asked up to an amount, in cents of the site's currency; None is without end."""

    up_to: int | None
    roles: tuple[Role, ...]


def up_to(cents: int, *roles: Role) -> Rung:
    """A rung for amounts up to and including `cents`."""
    return Rung(cents, roles)


def above(*roles: Role) -> Rung:
    """The last rung: whatever the others leave, and requests without an amount when it is the only one."""
    return Rung(None, roles)


class ApprovalKind:
    """One kind of request.

    `ladder` says who is asked, from the smallest amount to the largest: the first rung that covers the amount
    and has somebody on it other than the asker. Every higher rung may decide as well, but is not disturbed.
    A role counts on the request's site, or where it is held for all sites. `approve` does the deed, in the
    transaction of the decision: what it raises undoes the decision. `remind_after` is open time of the site.
    `amount_needs` is the permission that the amount is shown with, where it tells what not everybody may know who
    asks; then no message to the asker names it.
    """

    key: ClassVar[str]
    name: ClassVar[Text]
    icon: ClassVar[str] = "clipboard-check"
    ladder: ClassVar[tuple[Rung, ...]]
    expires_after: ClassVar[timedelta] = timedelta(days=3)
    remind_after: ClassVar[timedelta] = timedelta(minutes=30)
    amount_needs: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        missing = [name for name in ApprovalKind.__annotations__ if not hasattr(cls, name)]
        if getattr(cls.approve, "__isabstractmethod__", False):
            missing.append("approve")
        if missing:
            raise ImproperlyConfigured(f"{cls.__qualname__} does not say: {', '.join(sorted(missing))}")
        _check_ladder(cls)
        _register(cls)

    @classmethod
    def rungs_for(cls, cents: int | None) -> tuple[Rung, ...]:
        """The rungs that may decide about this amount, the nearest first; without an amount, all of them."""
        return tuple(
            rung for rung in cls.ladder if cents is None or rung.up_to is None or cents <= rung.up_to
        )

    @classmethod
    def may_decide(cls, cents: int | None, site_id: int, member: Member) -> bool:
        """Whether one of the person's roles stands high enough on the site. Four-eyes is the service's business."""
        roles = {role for rung in cls.rungs_for(cents) for role in rung.roles}
        return any(role in roles and site in (None, site_id) for role, site in member.grants)

    @classmethod
    def shows_amount(cls, site_id: int, member: Member) -> bool:
        """Whether this person may read the amount of a request on the site."""
        return not cls.amount_needs or member.can(cls.amount_needs, site_id)

    @classmethod
    def path_of(cls, subject: str) -> str:
        """The page of what the request is about; empty when it has none."""
        return ""

    @classmethod
    def hold(cls, request: ApprovalRequest) -> None:
        """Lock what approving will change, before the request itself.

        Whoever changes it and ends the request by `lapse_requests` locks in the same order: neither waits for ever.
        """

    @classmethod
    @abstractmethod
    def approve(cls, request: ApprovalRequest, *, by: Member, at: datetime) -> None:
        """Do what was asked for, in the decision's transaction."""


def _check_ladder(kind: type[ApprovalKind]) -> None:
    limits = [rung.up_to for rung in kind.ladder]
    bounded = [limit for limit in limits if limit is not None]
    if not limits or limits[-1] is not None or len(bounded) != len(limits) - 1 or bounded != sorted(bounded):
        raise ImproperlyConfigured(f"{kind.__qualname__}.ladder must rise and end with `above`")
    for role in {role for rung in kind.ladder for role in rung.roles}:
        if DECIDE not in PERMISSIONS[role]:
            raise ImproperlyConfigured(
                f"{kind.__qualname__}.ladder names {role.value}, who may decide nothing"
            )


def _register(kind: type[ApprovalKind]) -> None:
    held = _kinds.get(kind.key)
    if held is not None:
        raise ImproperlyConfigured(
            f"Approval kind {kind.key!r} is declared by {held.__qualname__} and {kind.__qualname__}"
        )
    _kinds[kind.key] = kind


def forget(key: str) -> None:
    """Take a kind out again: for tests that declare one."""
    _kinds.pop(key, None)


def discover() -> None:
    """Import every app's `approvals` module."""
    autodiscover_modules("approvals")


def get(key: str) -> type[ApprovalKind]:
    """The kind of this key. Raises `UnknownKind`."""
    try:
        return _kinds[key]
    except KeyError:
        raise UnknownKind(key) from None


def find(key: str) -> type[ApprovalKind] | None:
    """The kind of this key, or None when no app declares it any more."""
    return _kinds.get(key)
