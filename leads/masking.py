"""Hiding what would let somebody call a customer before he has taken the lead."""

from __future__ import annotations

import re

HIDDEN = "•••"

# An address as people type it into a message, spaces around the @ included.
_EMAIL = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")

# Seven digits or more in a row, with the separators of French and Québec numbers. A price (« 18 500 € »),
# a year or a mileage has fewer.
_PHONE = re.compile(r"\+?\(?\d(?:[\s.()/\u00a0\u202f-]{0,2}\d){6,14}")


def hide_contacts(text: str) -> str:
    """The same text with every email address and phone number in it replaced by dots."""
    if "@" in text:
        text = _EMAIL.sub(HIDDEN, text)
    return _PHONE.sub(HIDDEN, text)


def mask_email(email: str) -> str:
    """« paul@example.com » becomes « p•••@e••• »: enough to tell two customers apart, not to write to one."""
    name, _at, host = email.partition("@")
    return f"{name[:1]}{HIDDEN}@{host[:1]}{HIDDEN}" if host else HIDDEN


def mask_phone(phone: str) -> str:
    """« +33612345678 » becomes « •••78 »."""
    return f"{HIDDEN}{phone[-2:]}"
