"""The live bell: tells open browser tabs that their inbox moved, and nothing more.

A hint is the pair `(head, unread)` of one person's inbox. Hints may be lost or merged at any point of this
package; the browser re-reads the inbox from the database by its cursor, so correctness never depends on one.
There is no Channels layer: one published message names everybody whom an event concerns, each process that
holds sockets hears it once and fans it out to its own (docs/adr/ has the numbers).
"""

from notifications.live.hints import People, Standing

__all__ = ["People", "Standing", "announce"]


def announce(people: People) -> None:
    """Hint to everybody in `{user id: (head, unread)}` with one message. Never raises, never waits long."""
    if people:
        # Imported late: the sockets' side reads inboxes, whose module announces.
        from notifications.live.transports import transport

        transport().announce(people)
