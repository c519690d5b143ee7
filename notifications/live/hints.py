"""What a hint says, in memory and between processes."""

import json
from collections.abc import Mapping

# Where an inbox stands: (its head, how many of its notifications are unread).
Standing = tuple[int, int]
# The people whose inboxes moved: user id → where it stands now.
People = Mapping[int, Standing]


def as_text(standing: Standing) -> str:
    """The only message a socket ever carries."""
    head, unread = standing
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
