"""Two accounts for one channel: which is asked, and what may go to the other.

Only a message that the first has surely not taken goes to the second. One whose answer was lost goes nowhere until
`recovery` has looked it up: two providers know nothing of each other, and the phone would ring twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from gateways import breaker
from gateways.errors import DeliveryError

T = TypeVar("T")

Way = tuple[str, Callable[[], T]]
"""(name of the account, the call)"""


def first_that_takes(ways: Sequence[Way[T]], *, channel: str) -> T:
    """The answer of the first account that takes the message. Raises the `DeliveryError` of the last one asked.

    An account that is out is left out, unless it is the only one: then its own error says more than ours.
    """
    refused: DeliveryError | None = None
    for name, call in ways:
        if len(ways) > 1 and not breaker.may_call(name):
            continue
        try:
            return _watched(name, call)
        except DeliveryError as error:
            if not error.not_taken:
                raise
            refused = error
    if refused is not None:
        raise refused
    raise DeliveryError(
        f"{channel}_unreachable", permanent=False, retry_after=breaker.PAUSE.total_seconds(), not_taken=True
    )


def _watched(name: str, call: Callable[[], T]) -> T:
    """The call, its outcome noted: who refuses a message for its own sake works."""
    try:
        answer = call()
    except DeliveryError as error:
        if error.permanent:
            breaker.succeeded(name)
        else:
            breaker.failed(name)
        raise
    breaker.succeeded(name)
    return answer
