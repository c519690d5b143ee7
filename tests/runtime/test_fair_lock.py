"""The lock that gives writers their turns."""

import threading
import time

from dms.embedded.sqlite.lock import FairLock


def wait_until_queued(lock: FairLock, count: int) -> None:
    while len(lock._waiting) < count:
        time.sleep(0.001)


def test_threads_get_their_turn_in_the_order_they_came() -> None:
    lock = FairLock()
    order: list[int] = []
    lock.acquire(timeout=1)

    def take_turn(number: int) -> None:
        assert lock.acquire(timeout=5)
        order.append(number)
        lock.release()

    threads = [threading.Thread(target=take_turn, args=(number,)) for number in range(6)]
    for number, thread in enumerate(threads):
        thread.start()
        wait_until_queued(lock, number + 1)
    lock.release()
    for thread in threads:
        thread.join()

    assert order == [0, 1, 2, 3, 4, 5]


def test_one_thread_at_a_time() -> None:
    lock = FairLock()
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(50):
            assert lock.acquire(timeout=10)
            inside.append(1)
            most.append(len(inside))
            time.sleep(0)
            inside.pop()
            lock.release()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(most) == 400
    assert max(most) == 1


def test_who_gives_up_leaves_the_queue() -> None:
    lock = FairLock()
    lock.acquire(timeout=1)

    refused = lock.acquire(timeout=0.02)
    lock.release()
    taken_afterwards = lock.acquire(timeout=0.02)

    assert refused is False
    assert taken_afterwards is True
