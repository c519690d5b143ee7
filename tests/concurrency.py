"""Doing one thing from many threads at the same instant."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def in_parallel(times: int, deed: Callable[[], T]) -> list[T]:
    """Call `deed` from `times` threads that start together; what they answered. An error of one is raised here."""
    barrier = threading.Barrier(times)
    answers: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            barrier.wait(10)
            answers.append(deed())
        except BaseException as error:  # noqa: BLE001 - raised again below, in the test's own thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return answers
