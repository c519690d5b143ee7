"""Hiding what would let somebody call a customer before he has taken the lead."""

from __future__ import annotations

import re

HIDDEN = "•••"

# An address as people type it into a message, spaces around the @ included, or « [at] » in its place. It is
# looked for at the beginning of a word only: from every letter of a long one, it would cost the square of it.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+\s?(?:@|\uff20|[\[(]at[\])])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)

# Seven digits or more in a row, with the separators of French and Québec numbers. A price (« 18 500 € »),
# a year or a mileage has fewer.
_PHONE = re.compile(r"\+?\(?\d(?:[\s.()/\u00a0\u202f-]{0,2}\d){6,14}")

# The same with separators that prices and dates have too, where the groups of digits leave no doubt: « 06 - 12 -
# 34 - 56 - 78 » and « 418 - 555 - 0199 ».
_GROUPED = re.compile(
    r"(?<!\d)(?:\+?(?:33|0033)[\W_]{0,3}|0)[1-9](?:[\W_]{1,3}\d\d){4}(?!\d)"
    r"|(?<!\d)\d{3}([^\w/,]{1,3}|_)\d{3}\1\d{4}(?!\d)"
)

# The words of every database that knows regular expressions for « `hide_contacts` may change this »: wider than
# the three above, never narrower. Its digits are those of Python's \d, where a database may mean 0 to 9 alone.
_DIGIT = "".join(chr(code) for code in range(0x20000) if chr(code).isdecimal())
MAY_HIDE = rf"@|\uff20|(\[|\()[aA][tT](\]|\))|[{_DIGIT}]([^{_DIGIT}A-Za-z]*[{_DIGIT}]){{6}}"

# What `hide_in_vin` takes for a real one.
VIN_LETTER = "[A-Za-z]"


def hide_contacts(text: str) -> str:
    """The same text with every email address and phone number in it replaced by dots."""
    return _GROUPED.sub(HIDDEN, _PHONE.sub(HIDDEN, _EMAIL.sub(HIDDEN, text)))


def hide_in_vin(vin: str) -> str:
    """A vehicle's number has letters, and many digits in a row; one of digits alone may be somebody's telephone."""
    return vin if re.search(VIN_LETTER, vin) else hide_contacts(vin)


def mask_email(email: str) -> str:
    """« paul@example.com » becomes « p•••@e••• »: enough to tell two customers apart, not to write to one."""
    name, _at, host = email.partition("@")
    return f"{name[:1]}{HIDDEN}@{host[:1]}{HIDDEN}" if host else HIDDEN


def mask_phone(phone: str) -> str:
    """« +33612345678 » becomes « •••78 »."""
    return f"{HIDDEN}{phone[-2:]}"
