"""Why a message did not arrive, in plain words: from the short codes that gateways, receipts and the engine keep."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.choices import Reason

Text = str | Promise

# Not a code of ours: an exception's own words, for those who look after the product.
OTHER = "other"
INTERRUPTED = "interrupted_while_sending"
CODE = r"^[a-z][a-z0-9_]*$"

_AWAY = _("The provider could not be reached; it is tried again")
_STAYED_AWAY = _("The provider could not be reached, time after time")
_CREDENTIALS = _("The provider does not accept our credentials")
_NETWORK = _("The phone network did not deliver it")
# By the code without its channel's name: sms_unreachable and email_unreachable say the same.
_FAILURES: dict[str, Text] = {
    "unreachable": _AWAY,
    "unknown_host": _AWAY,
    "connection": _AWAY,
    "timeout": _AWAY,
    "interrupted": _AWAY,
    "credentials": _CREDENTIALS,
    "sender_invalid": _CREDENTIALS,
    "subscription_ended": _("The device no longer accepts messages"),
    "country_not_allowed": _("Numbers of this country are not texted"),
    "number_invalid": _("The number is not valid"),
    "number_unknown": _("The number does not exist any more"),
    "not_a_mobile": _("The number is not a mobile"),
    "stopped_by_recipient": _("The person answered STOP"),
    "phone_off": _("The phone was off or out of reach"),
    "blocked_by_network": _NETWORK,
    "filtered_by_network": _("The phone network took it for spam"),
    "lost_in_network": _NETWORK,
    "failed": _("The provider could not deliver it"),
    "address_invalid": _("The address is not valid"),
    "address_unknown": _("The mailbox does not exist"),
    "recipient_refused": _("The mailbox does not exist or refuses"),
    "mailbox_full_or_away": _("The mailbox is full, or its server was away"),
    "reported_as_spam": _("The person reported our messages as spam"),
    "unsubscribed": _("The person unsubscribed at the provider"),
    "refused_by_provider": _("The provider refused to send it"),
}
_WITHHELD: dict[str, Text] = {
    Reason.ADDRESS_OFF: _("The address is switched off"),
    Reason.CAP_NUMBER: _("The SMS limit of the day for this number was reached"),
    Reason.CAP_SITE: _("The SMS limit of the day for the site was reached"),
    Reason.CAP_GROUP: _("The SMS limit of the day for the group was reached"),
    INTERRUPTED: _("Interrupted: the provider has not said yet whether it left"),
    OTHER: _("A fault of the product"),
}


def words_for(code: str) -> Text | None:
    """The sentence for a code, or None for one that has none of its own."""
    return _WITHHELD.get(code) or _FAILURES.get(code.partition("_")[2])


def said(code: str, *, given_up: bool = False) -> str:
    """The sentence for a code; for one that has none, the code itself, so that somebody can ask about it."""
    words = words_for(code)
    if words is _AWAY and given_up:
        words = _STAYED_AWAY
    return str(words or _("Not sent: %(code)s") % {"code": code})
