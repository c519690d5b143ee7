"""Step 2 of the road. Replaced below by the waker thread; kept importable on its own."""


def wake(event_id: int) -> None:
    """Hint that the event may be routed now."""
