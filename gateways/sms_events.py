"""What Twilio tells us by itself: what became of a text, and what somebody texted back.

https://www.twilio.com/docs/usage/webhooks/webhooks-security: a form, signed with the account's token over the
public address and every field.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import QueryDict
from twilio.request_validator import RequestValidator

from gateways.events import MAX_RAW, Meaning, NotSigned, ProviderEvent, Unreadable, key_of, storable

PROVIDER = "twilio"
# The field in our own callback address that says which message it is about; Twilio signs the address.
ABOUT = "delivery"

# Twilio's own words, and the French ones. « Reprise » is no START: it is a car taken in exchange.
_STOP = frozenset({
    "stop", "stopall", "stopsms", "unsubscribe", "cancel", "end", "quit", "revoke", "optout",
    "arret", "arreter", "arretez", "desabonner", "desabonnement", "desinscrire", "desinscription", "desactiver",
})  # fmt: skip
_START = frozenset(["start", "unstop", "subscribe", "reprendre", "reactiver", "activer"])
# https://help.twilio.com/articles/223134027: these it obeys and answers by itself, word for word.
_TWILIOS_OWN = frozenset({
    "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT",
    "START", "UNSTOP", "YES", "HELP", "INFO",
})  # fmt: skip
# What it tells us of it: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
_OBEYED = {"STOP": Meaning.SAID_STOP, "START": Meaning.SAID_START}

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
_MEANINGS = {
    "accepted": Meaning.ACCEPTED,
    "scheduled": Meaning.ACCEPTED,
    "queued": Meaning.ACCEPTED,
    "sending": Meaning.ACCEPTED,
    "sent": Meaning.ACCEPTED,
    "delivered": Meaning.DELIVERED,
    "read": Meaning.DELIVERED,
    "undelivered": Meaning.FAILED,
    "failed": Meaning.FAILED,
    "canceled": Meaning.FAILED,
}
# https://www.twilio.com/docs/api/errors
_ERRORS = {
    "21610": "sms_stopped_by_recipient",
    "30002": "sms_credentials",
    "30003": "sms_phone_off",
    "30004": "sms_blocked_by_network",
    "30005": "sms_number_unknown",
    "30006": "sms_not_a_mobile",
    "30007": "sms_filtered_by_network",
    "30008": "sms_lost_in_network",
    "30410": "sms_lost_in_network",
    "30450": "sms_blocked_by_network",
}
# The number itself is at fault: no other message will arrive there.
_OF_THE_NUMBER = {
    "21610": Meaning.STOPPED,
    "30005": Meaning.BOUNCED,
    "30006": Meaning.BOUNCED,
}


def read_status(form: QueryDict, *, url: str, signature: str) -> ProviderEvent:
    """What became of one text. `url` is the public address that was called. Raises `NotSigned`, `Unreadable`."""
    _check(form, url, signature)
    sid = _sid(form)
    status = storable(form.get("MessageStatus") or form.get("SmsStatus"), 20)
    meaning = _MEANINGS.get(status)
    if meaning is None:
        raise Unreadable(status)
    code = storable(form.get("ErrorCode"), 10)
    error = ""
    if meaning == Meaning.FAILED:
        meaning = _OF_THE_NUMBER.get(code, meaning)
        error = _ERRORS.get(code) or (
            f"sms_error_{code}" if code.isascii() and code.isdigit() else "sms_failed"
        )
    return ProviderEvent(
        provider=PROVIDER,
        event_key=key_of(sid, status),
        message_id=sid,
        meaning=meaning,
        address=storable(form.get("To"), 40),
        error=error,
        about=_about(url),
        raw=storable(form.urlencode(), MAX_RAW),
    )


def read_answer(form: QueryDict, *, url: str, signature: str) -> ProviderEvent:
    """What somebody texted to our number. Raises `NotSigned`, `Unreadable`."""
    _check(form, url, signature)
    sid, number = _sid(form), storable(form.get("From"), 40)
    if not number:
        raise Unreadable("From")
    return ProviderEvent(
        provider=PROVIDER,
        event_key=key_of(sid, "answer"),
        message_id=sid,
        meaning=_meaning_of_answer(form),
        address=number,
        raw=storable(form.urlencode(), MAX_RAW),
    )


def meaning_of_words(text: str) -> Meaning:
    """STOP, « Arrêt. », start…: one word alone, whatever its case, accents and punctuation."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if char.isalnum())
    if bare in _STOP:
        return Meaning.SAID_STOP
    return Meaning.SAID_START if bare in _START else Meaning.ANSWERED


def _meaning_of_answer(form: QueryDict) -> Meaning:
    """Twilio's own reading comes first: it has obeyed it. A bare « YES » is a START to it, and so here."""
    obeyed = _OBEYED.get(form.get("OptOutType", "").upper())
    if obeyed is not None:
        return obeyed
    words = storable(form.get("Body"), 1600)
    return Meaning.SAID_START if words.strip().upper() == "YES" else meaning_of_words(words)


def is_confirmed_by_twilio(form: QueryDict) -> bool:
    """Whether Twilio has answered this word itself, so that nobody gets two answers."""
    return bool(form.get("OptOutType")) or form.get("Body", "").strip().upper() in _TWILIOS_OWN


def _check(form: QueryDict, url: str, signature: str) -> None:
    """Signed with the token of either account."""
    tokens = (settings.TWILIO_AUTH_TOKEN, settings.TWILIO_SECOND_AUTH_TOKEN)
    if not any(RequestValidator(token).validate(url, form, signature) for token in tokens if token):
        raise NotSigned


def _sid(form: QueryDict) -> str:
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    if not (sid.isascii() and sid.isalnum() and len(sid) <= 64):
        raise Unreadable("MessageSid")
    return sid


def _about(url: str) -> int | None:
    value = parse_qs(urlsplit(url).query).get(ABOUT, [""])[0]
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
