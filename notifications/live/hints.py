"""What a hint is, in memory and on the wire."""

import json
from collections.abc import Mapping

# (head of the inbox, number of unread notifications)
Hint = tuple[int, int]
# One hint per person, by user id.
People = Mapping[int, Hint]


def as_text(hint: Hint) -> str:
    """The only message a socket ever carries."""
    head, unread = hint
    return f'{{"head": {head}, "unread": {unread}}}'


def encode(people: People) -> str:
    """The one message that names everybody whom an event concerns, from process to process."""
    return json.dumps(people)


def decode(data: bytes | str) -> People:
    """Read it again: JSON has no whole numbers as keys, and no tuples. Raises `ValueError` for anything else."""
    try:
        people = json.loads(data).items()
        return {int(user_id): (int(head), int(unread)) for user_id, (head, unread) in people}
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError("these are no hints") from error
