"""The broker in memory."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection, Consumer, Producer, Queue

from dms.embedded import transport
from dms.embedded.transport import bell

transport.register()


@contextmanager
def reader(url: str, queue: Queue, messages: list[Any]) -> Iterator[Connection]:
    """A connection whose `drain_events` puts what arrives into `messages`."""
    with Connection(url) as connection:

        def keep(body: Any, message: Any) -> None:
            messages.append(body)
            message.ack()

        with Consumer(connection, queues=[queue], callbacks=[keep], accept=["json"]):
            yield connection


@pytest.fixture
def queue() -> Queue:
    return Queue(f"test-{uuid4()}")


def send(url: str, queue: Queue, *bodies: Any) -> None:
    with Connection(url) as connection:
        producer = Producer(connection)
        for body in bodies:
            producer.publish(body, routing_key=queue.name, declare=[queue])


def test_nothing_is_lost_between_four_threads_and_a_reader(queue: Queue) -> None:
    messages: list[Any] = []
    batches = [list(range(start, start + 500)) for start in (0, 500, 1000, 1500)]
    writers = [threading.Thread(target=send, args=(transport.URL, queue, *batch)) for batch in batches]

    with reader(transport.URL, queue, messages) as connection:
        for writer in writers:
            writer.start()
        while len(messages) < 2000:
            connection.drain_events(timeout=5)
    for writer in writers:
        writer.join()

    assert sorted(messages) == list(range(2000))


def seconds_for_three(url: str, queue: Queue) -> float:
    """How long three messages take to a reader that already waits for each of them."""
    messages: list[Any] = []
    with reader(url, queue, messages) as connection:
        started = time.monotonic()
        for number in range(3):
            later = threading.Timer(0.05, send, args=(url, queue, number))
            later.start()
            connection.drain_events(timeout=5)
            later.join()
    assert messages == [0, 1, 2]
    return time.monotonic() - started


def test_a_message_reaches_a_waiting_reader_at_once(queue: Queue) -> None:
    assert seconds_for_three(transport.URL, queue) < 1.0


@pytest.mark.slow
def test_the_stock_transport_keeps_it_waiting(queue: Queue) -> None:
    """Negative control: it looks once a second."""
    assert seconds_for_three("memory://localhost", queue) > 2.0


def test_a_reader_whose_time_is_up_hears_of_it(queue: Queue) -> None:
    with reader(transport.URL, queue, []) as connection, pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.01)


def test_closing_time_sends_a_waiting_reader_home(queue: Queue) -> None:
    closing = threading.Timer(0.05, bell.close)
    closing.start()

    try:
        started = time.monotonic()
        with reader(transport.URL, queue, []) as connection, pytest.raises(TimeoutError):
            connection.drain_events(timeout=10)
        waited = time.monotonic() - started
    finally:
        closing.join()
        bell.open()

    assert waited < 5
