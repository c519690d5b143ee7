"""The one typed reader of the environment."""

import os
from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """A variable without surrounding blanks; `default` when unset."""
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    """A yes/no variable; anything that is neither stops the start instead of meaning « no »."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in _TRUE:
        return True
    if value.strip().lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r}: expected one of 1, true, yes, on, 0, false, no, off.")


def number(name: str, default: int) -> int:
    """A whole number; an empty variable counts as unset."""
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r}: expected a whole number.") from error


def words(name: str, default: Iterable[str] = ()) -> list[str]:
    """A comma-separated list; empty items are dropped."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)


def required(names: Iterable[str]) -> None:
    """Stop the start with the full list of what is missing, so that nobody fixes one variable at a time."""
    missing = [name for name in names if not text(name)]
    if missing:
        raise ImproperlyConfigured("Missing in the environment: " + ", ".join(missing))
