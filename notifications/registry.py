"""Every declared notice, found in the apps' `notices.py` when Django is ready."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules

if TYPE_CHECKING:
    from notifications.declarations import Category, Notice

_notices: dict[str, type[Notice[Any]]] = {}


class UnknownNotice(LookupError):
    """No installed app declares this key any more; its stored events are shown by their key alone."""


def register(notice: type[Notice[Any]]) -> None:
    """Called by the declaration itself. A doubled key stops the start."""
    held = _notices.get(notice.key)
    if held is not None:
        raise ImproperlyConfigured(
            f"Notice key {notice.key!r} is declared by {held.__qualname__} and {notice.__qualname__}"
        )
    _notices[notice.key] = notice
    followers_of.cache_clear()


def forget(key: str) -> None:
    """Take a notice out again: for tests that declare one."""
    _notices.pop(key, None)
    followers_of.cache_clear()


def discover() -> None:
    """Import every app's `notices` and listen to the signals that they name."""
    from notifications import recording

    autodiscover_modules("notices")
    for notice in _notices.values():
        recording.listen(notice)


def get(key: str) -> type[Notice[Any]]:
    """The notice of this key. Raises `UnknownNotice`."""
    try:
        return _notices[key]
    except KeyError:
        raise UnknownNotice(key) from None


@cache
def followers_of(key: str) -> tuple[type[Notice[Any]], ...]:
    """What is told when a notice of this key stays unanswered, soonest first."""
    following = [
        (one.follows.after, one) for one in _notices.values() if one.follows and one.follows.notice.key == key
    ]
    return tuple(one for _after, one in sorted(following, key=lambda pair: pair[0]))


def all_notices() -> list[type[Notice[Any]]]:
    """Every notice that people know, by category and key: the order of every page that lists them."""
    listed = (notice for notice in _notices.values() if not notice.internal)
    return sorted(listed, key=lambda notice: (notice.category.key, notice.key))


def every_notice() -> list[type[Notice[Any]]]:
    """The same and, after them, the engine's own: whatever a person may read."""
    own = (notice for notice in _notices.values() if notice.internal)
    return [*all_notices(), *sorted(own, key=lambda notice: notice.key)]


def categories() -> list[Category]:
    """Every category that some notice uses, in a stable order."""
    by_key = {notice.category.key: notice.category for notice in all_notices()}
    return [by_key[key] for key in sorted(by_key)]
